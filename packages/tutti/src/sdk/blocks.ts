import type { z } from 'zod'
import { isObject } from '../core/block.ts'
import type { BlockDefinitions } from '../core/block-access.ts'
import { TuttiError } from '../core/errors.ts'
import type { JsonSchema } from '../core/parameters.ts'
import { HiddenText, isSecret } from '../core/secret.ts'
import { resolveSecret, secretPrefix } from '../engine/secret-sources.ts'
import { BLOCK_NAME, blockNotFound, checkBlockName } from './block-names.ts'
import { changeAll, fieldsOf, mark } from './block-fields.ts'
import type { BlockFields, Data } from './block-fields.ts'
import { blockSchema } from './block-schema.ts'
import type { AnyBlock, BlockAbout, BlockInside, BlockOptions, BlockType, SavedFields, SaveOptions } from './block-type.ts'
import { engineHere } from './process-engine.ts'
import { Secret } from './secret.ts'
import { loadZod } from './zod.ts'
import type { Zod } from './zod.ts'

/**
 * Declares a kind of configuration: typed fields, some of them secret, saved under a name and loaded where it is needed. The same types,
 * schemas and blocks are those of the protocol, so that they can be made on the dashboard, by the command and by other clients.
 *
 * @example
 * export const Warehouse = defineBlock({
 *   name: 'Warehouse',
 *   fields: { host: z.string(), port: z.number().default(5432), password: secret() },
 *   create: ({ host, port, password }) => new WarehouseClient(host, port, password.reveal()),
 * })
 * await Warehouse.save('main', { host: 'db.example.com', password: 'env:WAREHOUSE_PASSWORD' })
 * const warehouse = await Warehouse.load('main')
 */
export function defineBlock<const Shape extends z.ZodRawShape, Value = z.output<z.ZodObject<Shape>>>(
  options: BlockOptions<Shape, Value>,
): BlockType<z.input<z.ZodObject<Shape>>, Value> {
  return new DefinedBlock(options as unknown as BlockOptions<z.ZodRawShape, Value>) as BlockType<z.input<z.ZodObject<Shape>>, Value> // the types are those of the fields
}

/**
 * A field that holds a secret: given as text or `Secret`, loaded as `Secret`. Text that begins with `env:`, `file:` or another known prefix
 * says where the value is kept; it is stored as it is, and the value is looked up in the process that loads the block.
 */
export function secret(): z.ZodType<Secret, string | Secret> {
  const zod = loadZod()
  const field = zod
    .custom<string | Secret>((value) => typeof value === 'string' || isSecret(value), {
      error: ({ input }) => (input === undefined ? 'is missing' : 'is neither text nor a Secret'),
    })
    .transform((value) => (typeof value === 'string' ? new Secret(value) : value))
  return mark(field, { kind: 'secret' })
}

/** A field that holds another block: given by the name of a saved one, by its fields or as what its type made; loaded as what its type makes. */
export function block<Input, Value>(type: BlockType<Input, Value>): z.ZodType<Awaited<Value>, string | Input | Awaited<Value>> {
  if (!isBlockType(type))
    throw new TuttiError(
      'INVALID_BLOCK',
      'block() was given something that defineBlock() has not made; is it imported from a file that imports this one?',
    )
  const zod = loadZod()
  const field = zod
    .custom<Made>((value) => value instanceof Made, {
      error: ({ input }) => (input === undefined ? 'is missing' : `is no ${type.typeName}`),
    })
    .transform(({ value }) => value)
  return mark(field, { kind: 'block', of: type as unknown as AnyBlock }) as unknown as z.ZodType<
    Awaited<Value>,
    string | Input | Awaited<Value>
  > // what is given is made before it is read
}

/** True for what `defineBlock()` of any copy of this package gave. */
export function isBlockType(value: unknown): value is AnyBlock {
  return typeof value === 'object' && value !== null && INSIDE in value
}

/** In place of a secret that is kept elsewhere. */
const UNKNOWN = new HiddenText('')

const INSIDE = Symbol.for('tutti.block')

/** Another block inside one that is read. */
class Made {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}

/** What values were made of, so that they can stand inside a block that is saved. */
interface Origin {
  readonly slug: string
  readonly id: string | null
  readonly name: string | null
  readonly data: Data
}

const ORIGINS = Symbol.for('tutti.block-origins')

function origins(): WeakMap<object, Origin> {
  // The symbol is ours alone.
  const place = globalThis as { [ORIGINS]?: WeakMap<object, Origin> }
  return (place[ORIGINS] ??= new WeakMap())
}

interface Issue {
  readonly path: string
  readonly problem: string
}

class DefinedBlock<Value> implements BlockType<Data, Value> {
  readonly typeName: string
  readonly slug: string
  readonly [INSIDE]: BlockInside
  readonly #options: BlockOptions<z.ZodRawShape, Value>
  readonly #fields: BlockFields
  #schema: JsonSchema | undefined

  constructor(options: BlockOptions<z.ZodRawShape, Value>) {
    const { name, fields } = options
    if (typeof name !== 'string' || name === '') throw new TuttiError('INVALID_BLOCK', 'defineBlock() needs a name: { name, fields }')
    if (typeof fields !== 'object' || fields === null || Object.values(fields).some((field) => !isField(field)))
      throw new TuttiError('INVALID_BLOCK', `the fields of the block type ${name} are to be zod types: { host: z.string(), … }`)
    this.typeName = name
    this.slug = options.slug ?? slugOf(name)
    if (!BLOCK_NAME.test(this.slug))
      throw new TuttiError(
        'INVALID_BLOCK',
        `the slug ${JSON.stringify(this.slug)} of the block type ${name} has other characters than lowercase letters, numbers and dashes`,
      )
    this.#options = options
    this.#fields = fieldsOf(name, fields)
    this[INSIDE] = {
      definitions: () => this.#definitions(),
      encode: (input) => this.#inline(input),
      make: (saved) => this.#make(saved),
    }
  }

  schema(): JsonSchema {
    const { name, description = null, fields: shape } = this.#options
    this.#schema ??= blockSchema({ name, slug: this.slug, description, shape, fields: this.#fields })
    return this.#schema
  }

  async load(name: string): Promise<Awaited<Value>> {
    const { orchestrator } = await engineHere()
    const found = await orchestrator.blocks.find(this.slug, name, 'told')
    if (found === null) throw await blockNotFound(orchestrator, this.slug, name)
    const data = JSON.parse(found.data) as Data // the data of a block is an object
    return (await this.#make({ ...found, data })) as Awaited<Value> // made by `create`
  }

  async save(name: string, fields: Data, { overwrite = false }: SaveOptions = {}): Promise<void> {
    checkBlockName(this.slug, name)
    const { orchestrator, ids } = await engineHere()
    const { data, named } = this.#encode(fields, name)
    const references = new Map<string, unknown>()
    for (const [member, target] of named) {
      const slug = this.#fields.blocks.get(member)!.slug
      const found = await orchestrator.blocks.find(slug, target, 'hidden')
      if (found === null)
        throw await blockNotFound(orchestrator, slug, target, `, which the member ${member} of ${this.slug}/${name} refers to`)
      references.set(member, referenceTo(found.id))
    }
    const types = this.#definitions()
    const text = JSON.stringify({ ...data, ...Object.fromEntries(references) })
    await orchestrator.blocks.save({ id: ids.next(), slug: this.slug, name, data: text, types, overwrite })
  }

  of(fields: Data): Value {
    const { data, named } = this.#encode(fields, null)
    const [first] = named
    if (first !== undefined)
      throw this.#invalid(null, [
        { path: first[0], problem: 'is the name of a saved block, and of() loads nothing: give what was loaded, or its fields' },
      ])
    const input = changeAll(data, this.#fields.secrets, (value, at) => {
      if (typeof value !== 'string' || secretPrefix(value) === undefined) return value
      const problem = `is kept elsewhere (${value}), and of() looks nothing up: give the value itself, or load a saved block`
      throw this.#invalid(null, [{ path: at.join('.'), problem }])
    })
    const made = Object.fromEntries(
      [...this.#fields.blocks]
        .filter(([member]) => isGiven(fields[member]))
        .map(([member, inner]) => [member, new Made(madeOf(inner, fields[member]))]),
    )
    const zod = loadZod()
    const read = zod.object(this.#options.fields).safeParse({ ...input, ...made })
    if (!read.success) throw this.#invalid(null, issuesOf(read.error))
    return this.#create(read.data, { slug: this.slug, id: null, name: null, data })
  }

  async register(): Promise<void> {
    const { orchestrator } = await engineHere()
    await orchestrator.blocks.register(this.#definitions())
  }

  async delete(name: string): Promise<boolean> {
    const { orchestrator } = await engineHere()
    return orchestrator.blocks.remove(this.slug, name)
  }

  /** Those it refers to first. */
  #definitions(): BlockDefinitions {
    const all = [...this.#fields.blocks.values()].flatMap((inner) => insideOf(inner).definitions())
    const {
      logoUrl = null,
      documentationUrl = null,
      description = null,
      codeExample = null,
      capabilities = [],
      version = 'non-versioned',
    } = this.#options
    const texts = { logoUrl, documentationUrl, description, codeExample, capabilities, version }
    const own = { name: this.typeName, slug: this.slug, ...texts, fields: JSON.stringify(this.schema()) }
    return [...new Map([...all, own].map((each) => [each.slug, each])).values()]
  }

  /** The data as it is stored, but for blocks that are only named. Throws `INVALID_BLOCK`. */
  #encode(fields: Data, name: string | null): { readonly data: Data; readonly named: ReadonlyMap<string, string> } {
    if (!isObject(fields)) throw this.#invalid(name, [{ path: 'fields', problem: 'are to be an object' }])
    const zod = loadZod()
    const issues: Issue[] = []
    const named = new Map<string, string>()
    const inner: Record<string, unknown> = {}
    for (const [member, type] of this.#fields.blocks) {
      const given = fields[member]
      if (typeof given === 'string') named.set(member, given)
      else if (isGiven(given)) inner[member] = this.#innerData(member, type, given)
      else issues.push(...this.#missing(zod, member, given))
    }
    const own = Object.entries(fields).filter(([member, value]) => value !== undefined && !this.#fields.blocks.has(member))
    const plain = changeAll(Object.fromEntries(own), this.#fields.secrets, (value) => (isSecret(value) ? value.reveal() : value))
    const stored = this.#asJson(plain, name)
    const shape = Object.fromEntries(Object.entries(this.#options.fields).filter(([member]) => !this.#fields.blocks.has(member)))
    const elsewhere: string[] = []
    const known = changeAll(stored, this.#fields.secrets, (value, at) => {
      if (typeof value !== 'string' || secretPrefix(value) === undefined) return value
      elsewhere.push(at.join('.'))
      return UNKNOWN
    })
    const read = zod.strictObject(shape).safeParse(known)
    // What is said of a secret that is kept elsewhere says nothing.
    if (!read.success) issues.push(...issuesOf(read.error).filter(({ path }) => !elsewhere.includes(path)))
    if (issues.length > 0) throw this.#invalid(name, issues)
    return { data: { ...this.#defaults(), ...stored, ...inner }, named }
  }

  /** A block inside this one: what it was made of, or its fields. */
  #innerData(member: string, type: AnyBlock, given: unknown): Data {
    const origin = originOf(given)
    if (origin === undefined) return insideOf(type).encode(given)
    if (origin.slug !== type.slug)
      throw this.#invalid(null, [{ path: member, problem: `is a block of the type ${origin.slug}, not ${type.slug}` }])
    return origin.id === null ? origin.data : referenceTo(origin.id)
  }

  #missing(zod: Zod, member: string, given: unknown): readonly Issue[] {
    const read = zod.object({ [member]: this.#options.fields[member]! }).safeParse(given === undefined ? {} : { [member]: given })
    return read.success ? [] : issuesOf(read.error)
  }

  #asJson(data: Data, name: string | null): Data {
    try {
      return JSON.parse(JSON.stringify(data)) as Data // an object stays one
    } catch {
      throw this.#invalid(name, [{ path: 'fields', problem: 'cannot be written as JSON' }])
    }
  }

  /** Of members that say one: whoever reads a saved block without these fields sees them too. */
  #defaults(): Data {
    const properties = this.schema()['properties'] as Readonly<Record<string, Data>> // written by `blockSchema`
    return Object.fromEntries(
      Object.entries(properties).flatMap(([member, { default: value }]) => (value === undefined ? [] : [[member, value]])),
    )
  }

  #inline(input: unknown): Data {
    const { data, named } = this.#encode(input as Data, null) // looked at there
    const [first] = named
    if (first === undefined) return data
    throw this.#invalid(null, [
      { path: first[0], problem: 'is a name, which a block that is itself saved inside another cannot refer to: give what was loaded' },
    ])
  }

  async #make({ name, id, data, references }: SavedFields): Promise<unknown> {
    const made: Record<string, unknown> = {}
    for (const [member, type] of this.#fields.blocks) {
      const value = data[member]
      if (!isObject(value)) continue
      const to = references[member]
      const inner = { name: to?.name ?? null, id: to?.id ?? null, data: value, references: to?.references ?? {} }
      made[member] = new Made(await insideOf(type).make(inner))
    }
    const input = await resolveAll(data, this.#fields.secrets)
    const zod = loadZod()
    const read = await zod.object(this.#options.fields).safeParseAsync({ ...input, ...made })
    if (!read.success) throw this.#invalid(name, issuesOf(read.error))
    return this.#create(read.data, { slug: this.slug, id, name, data })
  }

  #create(fields: Data, origin: Origin): Value {
    const { create } = this.#options
    const about: BlockAbout = { name: origin.name }
    const value = create === undefined ? (fields as Value) : create(fields, about) // without `create` the fields are the value
    void remember(value, origin)
    return value
  }

  #invalid(name: string | null, issues: readonly Issue[]): TuttiError {
    const what = name === null ? `the fields of a block ${this.slug} are` : `the block ${this.slug}/${name} is`
    return new TuttiError('INVALID_BLOCK', [`${what} not valid:`, ...issues.map(({ path, problem }) => `- ${path}: ${problem}`)].join('\n'))
  }
}

function insideOf(type: AnyBlock): BlockInside {
  return (type as unknown as { readonly [INSIDE]: BlockInside })[INSIDE] // every block type has it
}

function isField(field: unknown): boolean {
  return typeof field === 'object' && field !== null && '_zod' in field
}

function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function referenceTo(id: string): Data {
  return { $ref: { block_document_id: id } }
}

function originOf(value: unknown): Origin | undefined {
  return typeof value === 'object' && value !== null ? origins().get(value) : undefined
}

async function remember(value: unknown, origin: Origin): Promise<void> {
  if (typeof value !== 'object' || value === null) return
  if ('then' in value)
    await Promise.resolve(value).then(
      (made) => remember(made, origin),
      () => undefined,
    )
  else origins().set(value, origin)
}

/** What stands for a block inside another one, whose fields may be given instead. */
function madeOf(type: AnyBlock, given: unknown): unknown {
  const isFields = originOf(given) === undefined && isObject(given) && Object.getPrototypeOf(given) === Object.prototype
  return isFields ? type.of(given as never) : given // the fields are looked at there
}

/** Each secret as `Secret`, with what references name. */
async function resolveAll(data: Data, paths: readonly string[]): Promise<Data> {
  const texts = new Set<string>()
  changeAll(data, paths, (value) => {
    if (typeof value === 'string') texts.add(value)
    return value
  })
  const values = new Map(await Promise.all([...texts].map(async (text) => [text, new Secret(await resolveSecret(text))] as const)))
  return changeAll(data, paths, (value) => (typeof value === 'string' ? values.get(value) : value))
}

function issuesOf({ issues }: z.core.$ZodError): readonly Issue[] {
  return issues.map(({ path, message }) => ({ path: path.length === 0 ? 'fields' : path.map(String).join('.'), problem: message }))
}
