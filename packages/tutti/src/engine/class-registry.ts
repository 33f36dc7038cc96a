import { TuttiError } from '../core/errors.ts'

/** How instances of a class become data and come back. */
export interface ClassCodec<T, D> {
  /** Stored with each instance; default the name of the class. Keep it when the class is renamed. */
  readonly name?: string
  /** What an instance holds: plain data, or other values that can be stored. */
  toData(value: T): D
  fromData(data: D): T
}

// Any class: what its constructor takes does not matter here.
export type AnyClass<T> = abstract new (...args: never[]) => T

interface Registered {
  readonly name: string
  readonly class: AnyClass<unknown>
  readonly toData: ((value: unknown) => unknown) | null
  readonly fromData: ((data: unknown) => unknown) | null
}

/** Classes whose instances may be part of results, errors and arguments. */
export class ClassRegistry {
  readonly #byPrototype = new Map<object, Registered>()
  readonly #byName = new Map<string, Registered>()

  register<T, D>(Class: AnyClass<T>, codec: ClassCodec<T, D> | { readonly name?: string }): void {
    const name = codec.name ?? Class.name
    const known = this.#byName.get(name)
    // The same module loaded again brings the same class anew.
    if (known !== undefined && known.class !== Class && String(known.class) !== String(Class)) {
      throw new TuttiError('CLASS_NAME_TAKEN', `registerClass: another class is already registered under the name ${name}`)
    }
    const registered: Registered = {
      name,
      class: Class,
      // An instance of the class is all that ever gets here, and data that its own `toData` made.
      toData: 'toData' in codec ? (value) => codec.toData(value as T) : null,
      fromData: 'fromData' in codec ? (data) => codec.fromData(data as D) : null,
    }
    this.#byName.set(name, registered)
    this.#byPrototype.set(prototypeOf(Class), registered)
  }

  /** The data of an instance of exactly a registered class; `undefined` for everything else. A function of its own, to be handed on. */
  readonly dataOf = (value: object): { readonly name: string; readonly data: unknown } | undefined => {
    const registered = this.#of(value)
    if (registered === undefined || registered.toData === null) return undefined
    return { name: registered.name, data: registered.toData(value) }
  }

  /** The name under which the class of the value is registered. */
  nameOf(value: object): string | undefined {
    return this.#of(value)?.name
  }

  /** @throws `CLASS_UNKNOWN` */
  revive(name: string, data: unknown): unknown {
    const registered = this.#byName.get(name)
    if (registered === undefined || registered.fromData === null) {
      throw new TuttiError('CLASS_UNKNOWN', `a stored value is an instance of ${name}, which this process does not know`)
    }
    return registered.fromData(data)
  }

  /** What instances of the class inherit from; `undefined` when it is not registered. */
  prototypeOf(name: string): object | undefined {
    const registered = this.#byName.get(name)
    return registered === undefined ? undefined : prototypeOf(registered.class)
  }

  #of(value: object): Registered | undefined {
    if (this.#byPrototype.size === 0) return undefined
    const prototype: unknown = Object.getPrototypeOf(value)
    return typeof prototype === 'object' && prototype !== null ? this.#byPrototype.get(prototype) : undefined
  }
}

function prototypeOf(Class: AnyClass<unknown>): object {
  // The prototype of a class is an object; its declared type is `any`.
  return Class.prototype as object
}

const KEY = Symbol.for('tutti.classes')

/** The registry of this process: one, also when two copies of the package are loaded. */
export function processClasses(): ClassRegistry {
  // The symbol is ours alone.
  const place = globalThis as { [KEY]?: ClassRegistry }
  return (place[KEY] ??= new ClassRegistry())
}

/**
 * Lets instances of a class be results and arguments of tasks: stored, compared and made again after a crash.
 * For a class of errors the codec may be left out: its message, stack, cause and enumerable members are kept, and `instanceof` holds for
 * an error that is replayed.
 *
 * @throws `CLASS_NAME_TAKEN` when another class has the name.
 */
export function registerClass<T extends Error>(Class: AnyClass<T>): void
export function registerClass<T, D>(Class: AnyClass<T>, codec: ClassCodec<T, D>): void
export function registerClass<T, D>(Class: AnyClass<T>, codec: ClassCodec<T, D> | { readonly name?: string } = {}): void {
  processClasses().register(Class, codec)
}
