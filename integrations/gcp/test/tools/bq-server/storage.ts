import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { invalid, notFound, Refusal } from './refusal.ts'

/** A file on this machine, and the address it is known by outside. */
export interface SourceFile {
  readonly path: string
  readonly uri: string
}

/** The objects of any server with Cloud Storage's API. */
export class Storage {
  readonly #url: string | undefined
  readonly #folder: string

  constructor(url: string | undefined, folder: string) {
    this.#url = url
    this.#folder = folder
  }

  /** Brings the objects of an address here; one `*` stands for any part of their names. */
  async fetch(uri: string): Promise<readonly SourceFile[]> {
    const { bucket, name } = parts(uri)
    const names = name.includes('*') ? await this.#matching(bucket, name) : [name]
    if (names.length === 0) throw notFound(`URI ${uri}`)
    return Promise.all(names.map((object) => this.#fetchOne(bucket, object)))
  }

  async store(uri: string, file: string): Promise<void> {
    const { bucket, name } = parts(uri)
    const address = `${this.#base()}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(name)}`
    const answer = await fetch(address, { method: 'POST', body: await readFile(file) })
    if (!answer.ok)
      throw new Refusal(answer.status === 404 ? 404 : 400, answer.status === 404 ? 'notFound' : 'invalid', `Not found: Bucket ${bucket}`)
  }

  async #fetchOne(bucket: string, name: string): Promise<SourceFile> {
    const answer = await fetch(`${this.#base()}/download/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}?alt=media`)
    const uri = `gs://${bucket}/${name}`
    if (!answer.ok) throw notFound(`URI ${uri}`)
    const file = path.join(this.#folder, randomUUID())
    await writeFile(file, Buffer.from(await answer.arrayBuffer()))
    return { path: file, uri }
  }

  async #matching(bucket: string, name: string): Promise<readonly string[]> {
    const [before = '', after = ''] = name.split('*')
    const answer = await fetch(`${this.#base()}/storage/v1/b/${bucket}/o?prefix=${encodeURIComponent(before)}`)
    if (!answer.ok) throw notFound(`URI gs://${bucket}/${name}`)
    const { items = [] } = (await answer.json()) as { items?: { name: string }[] } // as Cloud Storage spells lists
    return items.map((item) => item.name).filter((object) => object.endsWith(after) && object.length >= before.length + after.length)
  }

  #base(): string {
    if (this.#url === undefined) throw invalid('this server was started without a server for Cloud Storage')
    return this.#url
  }
}

function parts(uri: string): { readonly bucket: string; readonly name: string } {
  const [, bucket, name] = /^gs:\/\/([^/]+)\/(.+)$/.exec(uri) ?? []
  if (bucket === undefined || name === undefined) throw invalid(`Invalid URI: ${uri}`)
  return { bucket, name }
}
