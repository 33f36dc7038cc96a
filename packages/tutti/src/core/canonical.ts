/**
 * One text for equal values: what a task call is recognised by after a crash, and what cache keys are made of. Two values have the same
 * text exactly when user code should not be able to tell them apart, so a type that cannot be read completely has no text at all.
 *
 * Keys are written in order; entries of Map and Set too, as their order is a matter of timing more often than of meaning.
 * Changing what is written changes the identity of every stored call: raise the version, and expect resumed runs to start over.
 */
const CANONICAL_VERSION = '1'

export type Canonical =
  | { readonly text: string }
  | {
      /** Where and why, for people: `arguments[0].callback is a function`. */
      readonly unhashable: string
    }

/** Gives a value an identity of its own: text that stands for it. Asked for everything that is not plain data. */
export type ReplaceValue = (value: object) => string | undefined

/** What an instance of a class holds, where the class is known; `undefined` where it is not. */
export type DataOfInstance = (value: object) => { readonly name: string; readonly data: unknown } | undefined

/** Values looked at before giving up; a value so large should be passed as a file. */
const VALUES_MAX = 5_000_000
const DEPTH_MAX = 1_000

/** Writes the arguments of a call (or any list of values) as canonical text. Never throws, whatever the values do. */
export function canonicalText(values: readonly unknown[], replace?: ReplaceValue, dataOf?: DataOfInstance): Canonical {
  let text = CANONICAL_VERSION
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    switch (typeof value) {
      case 'string':
        text += `,${JSON.stringify(value)}`
        break
      case 'number':
        text += `,${numberText(value)}`
        break
      case 'boolean':
        text += value ? ',true' : ',false'
        break
      default: {
        if (value === null) {
          text += ',null'
          break
        }
        const writer = new CanonicalWriter(replace, dataOf)
        const written = writer.top(value)
        if (written === undefined) return { unhashable: `arguments[${index}]${writer.problem}` }
        text += `,${written}`
      }
    }
  }
  return { text }
}

/** `undefined` from a method means: no text, and `problem` says why. The path is put together on the way out. */
class CanonicalWriter {
  problem = ''
  readonly #replace: ReplaceValue | undefined
  readonly #dataOf: DataOfInstance | undefined
  readonly #ancestors: object[] = []
  #left = VALUES_MAX

  constructor(replace: ReplaceValue | undefined, dataOf: DataOfInstance | undefined) {
    this.#replace = replace
    this.#dataOf = dataOf
  }

  top(value: unknown): string | undefined {
    try {
      return this.#value(value)
    } catch (error) {
      // A getter or proxy of the user threw, or the text grew longer than a string can be.
      return this.#refuse(`cannot be read: ${error instanceof Error ? error.message : 'it throws'}`)
    }
  }

  #value(value: unknown): string | undefined {
    switch (typeof value) {
      case 'string':
        return JSON.stringify(value)
      case 'number':
        return numberText(value)
      case 'boolean':
        return value ? 'true' : 'false'
      case 'bigint':
        return `${value}n`
      case 'undefined':
        return 'undefined'
      case 'object':
        return value === null ? 'null' : this.#object(value)
      case 'function': {
        const replaced = this.#replace?.(value)
        return replaced === undefined ? this.#refuse('is a function') : tagged('ref', replaced)
      }
      case 'symbol':
        return this.#refuse('is a symbol')
    }
  }

  #object(value: object): string | undefined {
    if (--this.#left < 0) return this.#refuse(`has more than ${VALUES_MAX} values`)
    const ancestors = this.#ancestors
    if (ancestors.length > 0 && ancestors.includes(value)) return this.#refuse('contains itself')
    if (ancestors.length >= DEPTH_MAX) return this.#refuse(`is nested more than ${DEPTH_MAX} levels deep`)
    ancestors.push(value)
    const text = this.#container(value)
    ancestors.pop()
    return text
  }

  #container(value: object): string | undefined {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (Array.isArray(value) && prototype === Array.prototype) return this.#list(value, '[', ']')
    if ((prototype === Object.prototype || prototype === null) && !('toJSON' in value)) return this.#members(value)
    return this.#special(value)
  }

  #list(values: readonly unknown[], open: string, close: string): string | undefined {
    let text = open
    this.#left -= values.length
    for (let index = 0; index < values.length; index++) {
      const item = this.#value(values[index])
      if (item === undefined) return this.#within(`[${index}]`)
      text += index === 0 ? item : `,${item}`
    }
    return text + close
  }

  #members(value: object): string | undefined {
    const keys = Object.keys(value)
    if (keys.length > 1) keys.sort()
    if (Object.getOwnPropertySymbols(value).length > 0) return this.#refuse('has a member named by a symbol')
    let text = '{'
    for (const key of keys) {
      // The value is an object and the key its own; TypeScript cannot see the link.
      const item = this.#value((value as Readonly<Record<string, unknown>>)[key])
      if (item === undefined) return this.#within(/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`)
      text += `${text === '{' ? '' : ','}${JSON.stringify(key)}:${item}`
    }
    return `${text}}`
  }

  #special(value: object): string | undefined {
    const replaced = this.#replace?.(value)
    if (replaced !== undefined) return tagged('ref', replaced)
    if (value instanceof Date) return `Date(${value.getTime()})`
    if (value instanceof Map) return this.#unordered('Map', value, (entry) => this.#list(entry, '[', ']'))
    if (value instanceof Set) return this.#unordered('Set', value, (item) => this.#value(item))
    if (ArrayBuffer.isView(value)) return bytesText(viewName(value), new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
    if (value instanceof ArrayBuffer) return bytesText('ArrayBuffer', new Uint8Array(value))
    if (value instanceof RegExp) return tagged('RegExp', `${value.source}/${value.flags}`)
    if (value instanceof URL) return tagged('URL', value.href)
    if (value instanceof URLSearchParams) return tagged('URLSearchParams', value.toString())
    if (value instanceof Error) return this.#error(value)
    if (value instanceof Number || value instanceof String || value instanceof Boolean) {
      return `${className(value)}(${this.#value(value.valueOf())})`
    }
    const known = this.#dataOf?.(value)
    if (known !== undefined) return this.#instance(known.name, known.data, '')
    if (isThenable(value)) return this.#refuse('is a promise')
    return this.#withData(value)
  }

  #unordered<T>(name: string, items: Iterable<T>, write: (item: T) => string | undefined): string | undefined {
    const texts: string[] = []
    for (const item of items) {
      const text = write(item)
      if (text === undefined) return this.#within(`.${name.toLowerCase()}[${texts.length}]`)
      texts.push(text)
    }
    texts.sort()
    return `${name}{${texts.join(',')}}`
  }

  /** Without the stack: the same failure met twice is equal. */
  #error(error: Error): string | undefined {
    const more = {
      ...(error.cause === undefined ? {} : { cause: error.cause }),
      ...(error instanceof AggregateError ? { errors: error.errors } : {}),
    }
    const members = this.#members({ ...error, ...more, name: error.name, message: error.message })
    return members === undefined ? undefined : `Error${members}`
  }

  /** Instances of a class count by what they themselves say they hold. Fields alone would not do: there may be private ones. */
  #withData(value: object): string | undefined {
    const name = className(value)
    if (!('toJSON' in value) || typeof value.toJSON !== 'function') return this.#refuse(`is ${withArticle(name)}, which has no toJSON()`)
    const data: unknown = value.toJSON('')
    return this.#instance(name, data, '.toJSON()')
  }

  #instance(name: string, data: unknown, step: string): string | undefined {
    const text = this.#value(data)
    return text === undefined ? this.#within(step) : `class ${JSON.stringify(name)}(${text})`
  }

  #refuse(problem: string): undefined {
    this.problem = ` ${problem}`
    return undefined
  }

  #within(step: string): undefined {
    this.problem = step + this.problem
    return undefined
  }
}

function isThenable(value: object): boolean {
  return 'then' in value && typeof value.then === 'function'
}

function numberText(value: number): string {
  return value === 0 && Object.is(value, -0) ? '-0' : `${value}`
}

function tagged(name: string, text: string): string {
  return `${name}(${JSON.stringify(text)})`
}

function className(value: object): string {
  const name: unknown = value.constructor?.name
  return typeof name === 'string' && name !== '' ? name : 'Object'
}

/** Node's Buffer is a Uint8Array to whoever reads it. */
function viewName(view: ArrayBufferView): string {
  return Object.prototype.toString.call(view).slice('[object '.length, -1)
}

const CHUNK = 8_192

function bytesText(name: string, bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return `${name}(${btoa(binary)})`
}

function withArticle(name: string): string {
  return /^[aeiou]/i.test(name) ? `an ${name}` : `a ${name}`
}
