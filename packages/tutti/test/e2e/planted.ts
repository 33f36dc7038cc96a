// Secrets saved in blocks in every way, and flows that let them out.
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Planted } from '../tools/secret-hunt.ts'
import { FLOWS } from './work.ts'
import type { Work } from './work.ts'

/** The flows of `secretive.ts` by their names. */
const EXPORTED: Readonly<Record<string, string>> = { leaks: 'leaks', crashes: 'crashes', 'crashes-at-once': 'crashesAtOnce' }

export class Planting {
  readonly #work: Work
  readonly #secrets: Planted[] = []

  constructor(work: Work) {
    this.#work = work
  }

  get secrets(): readonly Planted[] {
    return this.#secrets
  }

  /** A value with what JSON, addresses and base64 write in another way. */
  plant(name: string): string {
    const value = `"${name}"/ä+\\~? ${randomBytes(9).toString('hex')}`
    this.#secrets.push({ name, value })
    return value
  }

  async save(name: string, value: string): Promise<void> {
    const { client } = this.#work
    const { id } = await client.blockTypes.readBySlug({ slug: 'secret' })
    const [schema] = await client.blockSchemas.list({ body: { block_schemas: { block_type_id: { any_: [id] } } } })
    await client.blockDocuments.create({
      body: { name: `hunted-${name}`, data: { value }, block_type_id: id, block_schema_id: schema!.id },
    })
  }

  /** Twelve: values, references, and one within a block of another. Whatever is started from now on can find them. */
  async all(): Promise<void> {
    const work = this.#work
    for (const name of ['log', 'error', 'artifact', 'table', 'address', 'result', 'crash']) await this.save(name, this.plant(name))
    const file = path.join(work.folder, 'secret-file')
    writeFileSync(file, `${this.plant('file')}\n`)
    await this.save('file', `file:${file}`)
    await this.save('environment', 'env:HUNTED_ENVIRONMENT')
    work.environment = {
      HUNTED_ENVIRONMENT: this.plant('environment'),
      HUNTED_AT_ONCE: this.plant('at once'),
      HUNTED_PASSWORD: this.plant('nested password'),
      HUNTED_TOKEN: this.plant('token'),
    }
    const { code, stderr } = await work.script('secretive-save.ts').ended
    if (code !== 0) throw new Error(`the blocks could not be saved: ${stderr}`)
  }

  /** A run of a flow that lets them out, which a worker takes. */
  async trigger(flowName: string): Promise<string> {
    const entrypoint = `secretive.ts:${EXPORTED[flowName]}`
    return this.#work.trigger(await this.#work.deployment(flowName, { path: FLOWS, entrypoint, options: { crash_restarts: 0 } }))
  }
}
