// The declaration of the wire as an OpenAPI document: made from the endpoints, so it cannot say what they do not do.
import { z } from 'zod'
import { TuttiError } from '../core/errors.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { Endpoint } from './endpoint.ts'

type Json = Readonly<Record<string, unknown>>

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required: boolean
  readonly schema: Json
}

export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>
}

type Content = Readonly<Record<string, { readonly schema: Json }>>

export interface OpenApi {
  readonly openapi: '3.1.0'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Json>> }
}

const ERROR = 'Error'
const errorWire = z.object({
  detail: z.string().meta({ description: 'What happened to what.' }),
  exception_message: z.string(),
  code: z.string().meta({ description: 'Permanent: programs go by it.' }),
  fix: z.string().meta({ description: 'What to do about it.' }),
})

/** The document of these endpoints, by noun and verb. */
export function openApi(nouns: Readonly<Record<string, Readonly<Record<string, Endpoint>>>>, version: string): OpenApi {
  const components = new Map<string, Json>([[ERROR, bare(errorWire, 'output').schema]])
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
    const { schema: own, named } = bare(schema, io)
    for (const [name, each] of Object.entries(named)) components.set(name, each)
    return own
  }
  const paths: Record<string, Record<string, Operation>> = {}
  for (const [noun, verbs] of Object.entries(nouns)) {
    for (const [verb, endpoint] of Object.entries(verbs)) {
      const at = (paths[endpoint.path] ??= {})
      at[endpoint.method.toLowerCase()] ??= operation(`${noun}.${verb}`, noun, endpoint, schemaOf)
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Tutti', version, description: 'What a Tutti server is asked, and what it answers.' },
    servers: [{ url: '/api' }],
    paths,
    components: { schemas: Object.fromEntries([...components].toSorted(([one], [other]) => (one < other ? -1 : 1))) },
  }
}

type SchemaOf = (schema: z.ZodType, io: 'input' | 'output') => Json

function operation(operationId: string, noun: string, endpoint: Endpoint, schemaOf: SchemaOf): Operation {
  const { summary, params, query, body, bytes } = endpoint
  const media = bytes === true ? 'application/octet-stream' : 'application/json'
  return {
    operationId,
    tags: [noun],
    summary,
    parameters: [
      ...(params === undefined ? [] : parameters('path', schemaOf(params, 'input'))),
      ...(query === undefined ? [] : parameters('query', schemaOf(query, 'input'))),
    ],
    ...(body === undefined
      ? undefined
      : { requestBody: { required: !body.safeParse(undefined).success, content: { [media]: { schema: schemaOf(body, 'input') } } } }),
    responses: responses(endpoint, schemaOf),
  }
}

function parameters(place: 'path' | 'query', schema: Json): readonly Parameter[] {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Json>> // of an object's schema
  const required = (schema['required'] ?? []) as readonly string[] // as above
  return Object.entries(properties).map(([name, each]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: each,
  }))
}

const MEANINGS: Readonly<Record<number, string>> = { 200: 'Done.', 201: 'Made.', 202: 'Taken on.', 204: 'Done; there is nothing to say.' }

function responses(
  { output, status, alsoStatus = [], errors = [], media, body, params }: Endpoint,
  schemaOf: SchemaOf,
): Operation['responses'] {
  const good = status ?? (output === undefined ? 204 : 200)
  const content = output === undefined ? undefined : { content: { [media ?? 'application/json']: { schema: schemaOf(output, 'output') } } }
  const failures = new Map<number, ErrorCode[]>()
  const all: readonly ErrorCode[] = [
    ...errors,
    ...(body === undefined ? [] : (['INVALID_REQUEST'] as const)),
    ...(params === undefined ? [] : (['NOT_FOUND'] as const)),
  ]
  for (const code of new Set(all)) {
    const { status: failed } = new TuttiError(code, '')
    failures.set(failed, [...(failures.get(failed) ?? []), code])
  }
  const error = { content: { 'application/json': { schema: { $ref: `#/components/schemas/${ERROR}` } } } }
  return Object.fromEntries([
    ...[good, ...alsoStatus].map((each) => [each, { description: MEANINGS[each] ?? 'See the body.', ...content }]),
    ...[...failures].map(([each, codes]) => [each, { description: codes.map((code) => `\`${code}\``).join(', '), ...error }]),
  ]) as Operation['responses'] // by status
}

/** A schema whose named parts stand apart. */
function bare(schema: z.ZodType, io: 'input' | 'output'): { readonly schema: Json; readonly named: Readonly<Record<string, Json>> } {
  const {
    $schema: _,
    $defs: parts = {},
    ...own
  } = relocated(toJson(schema, io)) as Json & { readonly $defs?: Readonly<Record<string, Json>> } // as zod makes it
  const named = Object.fromEntries(Object.entries(parts).map(([name, each]) => [name, withoutId(each)]))
  const id = own['id']
  if (typeof id !== 'string') return { schema: own, named }
  return { schema: { $ref: `#/components/schemas/${id}` }, named: { ...named, [id]: withoutId(own) } }
}

function withoutId(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== 'id'))
}

function toJson(schema: z.ZodType, io: 'input' | 'output'): unknown {
  return z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { def } = zodSchema._zod
      // What is read before it is checked is what the check describes.
      if (io === 'input' && def.type === 'pipe' && def.in._zod.def.type === 'transform') {
        const { $schema: _, ...inner } = toJson(def.out as z.ZodType, io) as Json // a schema of this library
        Object.assign(jsonSchema, inner)
      }
      // What may be left out because it is read before it is checked.
      if (io === 'input' && def.type === 'object' && jsonSchema.required !== undefined) {
        const { shape } = def
        const required = jsonSchema.required.filter((name) => shape[name] !== undefined && isNeeded(shape[name]))
        if (required.length > 0) jsonSchema.required = required
        else delete jsonSchema.required
      }
      // The range in which JavaScript counts exactly says nothing to others.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
    },
  })
}

function isNeeded(schema: z.core.$ZodType): boolean {
  return !z.core.safeParse(schema, undefined).success
}

/** References lead to the components of the document. */
function relocated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocated)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]: [string, unknown]) => [
      key,
      key === '$ref' && typeof each === 'string' ? each.replace(/^#\/\$defs\//, '#/components/schemas/') : relocated(each),
    ]),
  )
}
