import { types } from 'node:util'
import { isOwnCode, TuttiError } from '../core/errors.ts'
import type { IntegrationErrorCode } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { ClassRegistry } from './class-registry.ts'
import { survivesJson } from './plain-json.ts'
import { maskJson, maskSecrets } from './secret-mask.ts'

/** Something that was thrown, as plain JSON. `name` and `message` are there for every reader, whatever was thrown. */
export interface ErrorData {
  readonly name: string
  readonly message: string
  readonly stack?: string
  /** The built-in or registered class to make again; an `Error` without it. */
  readonly class?: string
  /** What `toData` of a registered class said. */
  readonly data?: Json
  readonly members?: Readonly<Record<string, Json>>
  readonly cause?: ErrorData
  readonly errors?: readonly ErrorData[]
  /** Not an error was thrown but this value; without `value`: undefined. */
  readonly thrown?: { readonly value?: Json }
}

const MESSAGE_MAX = 16_384
const STACK_MAX = 16_384
const CAUSES_MAX = 8
const ERRORS_MAX = 20

const BUILT_IN: Readonly<Record<string, new (message: string) => Error>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
}

/**
 * Describes whatever was thrown, with asterisks in place of the secrets this process knows. Never throws: members that cannot be read or written as JSON are left out, long texts are cut, chains of
 * causes end after a few.
 *
 * @param charsMax - about how many characters may be written in all.
 */
export function describeThrown(thrown: unknown, classes: ClassRegistry, charsMax: number): ErrorData {
  return new Describer(classes, charsMax).describe(thrown, 0)
}

class Describer {
  readonly #classes: ClassRegistry
  #left: number

  constructor(classes: ClassRegistry, charsMax: number) {
    this.#classes = classes
    this.#left = charsMax
  }

  describe(thrown: unknown, depth: number): ErrorData {
    if (!isError(thrown)) return this.#value(thrown)
    const name = this.#cut(readText(thrown, 'name', 'Error'), 200)
    const message = this.#cut(readText(thrown, 'message', ''), MESSAGE_MAX)
    const stack = this.#cut(readText(thrown, 'stack', ''), STACK_MAX)
    const cause = hasOwn(thrown, 'cause') && depth < CAUSES_MAX ? this.describe(read(thrown, 'cause'), depth + 1) : undefined
    const errors = read(thrown, 'errors')
    return {
      name,
      message,
      ...(stack === '' ? {} : { stack }),
      ...this.#class(thrown),
      ...this.#members(thrown),
      ...(cause === undefined ? {} : { cause }),
      ...(Array.isArray(errors) && depth < CAUSES_MAX
        ? { errors: errors.slice(0, ERRORS_MAX).map((error) => this.describe(error, depth + 1)) }
        : {}),
    }
  }

  #value(thrown: unknown): ErrorData {
    const shown = typeof thrown === 'string' ? thrown : attempt(() => String(thrown), 'something that cannot be shown')
    const described = { name: 'Thrown', message: this.#cut(shown, MESSAGE_MAX) }
    if (thrown === undefined) return { ...described, thrown: {} }
    const json = this.#json(thrown)
    return json === undefined ? described : { ...described, thrown: { value: json } }
  }

  #class(error: Error): Pick<ErrorData, 'class' | 'data'> {
    return attempt(() => {
      if (error instanceof TuttiError) return { class: 'TuttiError' }
      if (error instanceof DOMException) return { class: 'DOMException' }
      const known = this.#classes.dataOf(error)
      const data = known === undefined ? undefined : this.#json(known.data)
      if (known !== undefined && data !== undefined) return { class: known.name, data }
      const registered = this.#classes.nameOf(error)
      if (registered !== undefined) return { class: registered }
      if (error instanceof AggregateError) return { class: 'AggregateError' }
      const builtIn = Object.entries(BUILT_IN).find(([, BuiltIn]) => error instanceof BuiltIn)
      return builtIn === undefined ? {} : { class: builtIn[0] }
    }, {})
  }

  #members(error: Error): Pick<ErrorData, 'members'> {
    const members: Record<string, Json> = {}
    // The catalog has them. Those of an integration may be read where it is not loaded.
    const isOurs = error instanceof TuttiError && isOwnCode(error.code)
    for (const key of attempt(() => Object.keys(error), [])) {
      if (key === 'name' || key === 'message' || key === 'stack' || key === 'cause' || key === 'errors' || key === '__proto__') continue
      if (isOurs && (key === 'status' || key === 'fix')) continue
      const json = this.#json(read(error, key))
      if (json !== undefined) members[key] = json
    }
    return Object.keys(members).length === 0 ? {} : { members }
  }

  /** The value when it is plain JSON and there is still room for it. */
  #json(value: unknown): Json | undefined {
    return attempt(() => {
      if (!survivesJson(value)) return undefined
      const text = maskJson(JSON.stringify(value))
      if (text.length > this.#left) return undefined
      this.#left -= text.length
      // A copy: what is described must not change any more.
      return JSON.parse(text) as Json // what it gives
    }, undefined)
  }

  #cut(whole: string, max: number): string {
    // Before it is cut: half of a secret would not be found.
    const text = maskSecrets(whole)
    const room = Math.max(0, Math.min(max, this.#left))
    const cut = text.length <= room ? text : `${text.slice(0, room)}… (${text.length - room} more characters)`
    this.#left -= cut.length
    return cut
  }
}

/** Makes again what was thrown: an error of the same class where it is built in or registered, or the value itself. */
export function reviveThrown(data: ErrorData, classes: ClassRegistry): unknown {
  if (data.thrown !== undefined) return data.thrown.value
  const error = make(data, classes)
  if (error.name !== data.name) define(error, 'name', data.name)
  if (data.stack !== undefined) define(error, 'stack', data.stack)
  if (data.cause !== undefined) define(error, 'cause', reviveThrown(data.cause, classes))
  if (data.errors !== undefined)
    define(
      error,
      'errors',
      data.errors.map((each) => reviveThrown(each, classes)),
    )
  for (const [key, value] of Object.entries(data.members ?? {})) {
    // A class of the user's may have a read-only member of that name.
    attempt(() => Object.assign(error, { [key]: value }), undefined)
  }
  return error
}

function make(data: ErrorData, classes: ClassRegistry): Error {
  const { class: name, message } = data
  if (name === undefined) return new Error(message)
  if (name === 'TuttiError') return makeTuttiError(data)
  if (name === 'DOMException') return new DOMException(message, data.name)
  if (name === 'AggregateError') return new AggregateError([], message)
  const BuiltIn = BUILT_IN[name]
  if (BuiltIn !== undefined) return new BuiltIn(message)
  if (data.data !== undefined) {
    const revived = attempt(() => classes.revive(name, data.data), undefined)
    if (isError(revived)) return revived
  }
  const prototype = classes.prototypeOf(name)
  const error = new Error(message)
  return prototype === undefined ? error : Object.setPrototypeOf(error, prototype)
}

function makeTuttiError({ message, members }: ErrorData): Error {
  const { code, status, fix } = members ?? {}
  if (typeof code === 'string' && isOwnCode(code)) return new TuttiError(code, message)
  if (isIntegrationCode(code) && typeof status === 'number' && typeof fix === 'string')
    return new TuttiError({ code, status, fix }, message)
  // A code of a later version, or one that is no more.
  return new Error(message)
}

function isIntegrationCode(code: unknown): code is IntegrationErrorCode {
  return typeof code === 'string' && code.includes('/')
}

export function isError(value: unknown): value is Error {
  return attempt(() => value instanceof Error || types.isNativeError(value), false)
}

function read(value: object, key: string): unknown {
  return attempt(() => Reflect.get(value, key) as unknown, undefined) // declared as `any`
}

function readText(value: object, key: string, fallback: string): string {
  const text = read(value, key)
  return typeof text === 'string' ? text : fallback
}

function hasOwn(value: object, key: string): boolean {
  return attempt(() => Object.hasOwn(value, key), false)
}

function define(error: Error, key: string, value: unknown): void {
  attempt(() => Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false }), undefined)
}

/** User code may hide behind every member. Whatever it throws here, the answer is the fallback. */
function attempt<T>(get: () => T, fallback: T): T {
  try {
    return get()
  } catch {
    return fallback
  }
}
