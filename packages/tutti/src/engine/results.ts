import { TuttiError } from '../core/errors.ts'
import type { StoredValue } from '../core/json.ts'
import { processClasses } from './class-registry.ts'
import type { ClassRegistry } from './class-registry.ts'
import type * as Cbor from './cbor-format.ts'
import type * as Devalue from './devalue-format.ts'
import { survivesJson } from './plain-json.ts'
import { holdsSecret } from './secret-mask.ts'
import { secretIn } from './secret-values.ts'

/** Up to this size a result is stored with its checkpoint; a larger one becomes a blob. */
export const RESULT_INLINE_MAX_BYTES = 64 * 1024
const RESULT_MAX_BYTES = 256 * 1024 * 1024

export type EncodedResult =
  | { readonly format: 'json' | 'devalue' | 'cbor'; readonly text: string; readonly sizeBytes: number }
  /** `what` stands at the path `unserialisable`, and no format takes it: `a function` at `result.rows[3].format`. */
  | { readonly unserialisable: string; readonly what: string; readonly isSecret?: true }

export interface ResultOptions {
  readonly serializer: 'json' | 'cbor'
  readonly classes?: ClassRegistry
  /** Default `RESULT_MAX_BYTES`. */
  readonly maxBytes?: number
}

/** What a task that returns nothing leaves: text of the `devalue` format, known without loading it. */
const UNDEFINED_TEXT = '-1'
const UNDEFINED_RESULT: EncodedResult = { format: 'devalue', text: UNDEFINED_TEXT, sizeBytes: UNDEFINED_TEXT.length }

/**
 * Writes a result as text: plain JSON when it survives that, else a format that also carries dates, maps, sets, big integers, bytes,
 * errors, URLs, undefined, cycles and registered classes. `cbor` is for numbers in quantity; what it would change takes the other way.
 *
 * Synchronous for plain JSON and undefined, and for everything else once its format is loaded. Never throws; rejects with
 * `RESULT_TOO_LARGE` only.
 */
export function encodeResult(value: unknown, options: ResultOptions): EncodedResult | Promise<EncodedResult> {
  if (value === undefined) return UNDEFINED_RESULT
  try {
    if (options.serializer === 'cbor' && typeof value === 'object' && value !== null) {
      const { cbor } = formats
      if (cbor === undefined) return loadCbor().then(() => encodeResult(value, options))
      const text = cbor.writeCbor(value)
      if (text !== undefined) return sized('cbor', text, value, options)
    }
    if (survivesJson(value)) return sized('json', JSON.stringify(value), value, options)
    const { devalue } = formats
    if (devalue === undefined) return loadDevalue().then(() => encodeResult(value, options))
    const written = devalue.writeDevalue(value, options.classes ?? processClasses())
    if ('text' in written) return sized('devalue', written.text, value, options)
    // A `Secret` is an instance of a class to every format; it is told as what it is.
    return secretIn(value, 'result') === undefined ? written : secretAt(value)
  } catch (error) {
    // No text can be longer than a string of the language.
    if (error instanceof RangeError && error.message.includes('string length')) return tooLarge('more text than a string can hold', options)
    return { unserialisable: 'result', what: `a value that cannot be read (${error instanceof Error ? error.message : String(error)})` }
  }
}

/** Reads a stored result; a promise while its format is being loaded. Throws `CLASS_UNKNOWN`. */
export function decodeResult(stored: StoredValue, classes: ClassRegistry = processClasses()): unknown {
  switch (stored.format) {
    case 'json':
      return JSON.parse(stored.text)
    case 'devalue':
      if (stored.text === UNDEFINED_TEXT) return undefined
      return formats.devalue === undefined
        ? loadDevalue().then((devalue) => devalue.readDevalue(stored.text, classes))
        : formats.devalue.readDevalue(stored.text, classes)
    case 'cbor':
      return formats.cbor === undefined ? loadCbor().then((cbor) => cbor.readCbor(stored.text)) : formats.cbor.readCbor(stored.text)
    case 'blob':
    case 'none':
      throw new TuttiError('RESULT_MISSING', `a stored value of the format ${stored.format} has no content to read`)
  }
}

function sized(
  format: 'json' | 'devalue' | 'cbor',
  text: string,
  value: unknown,
  options: ResultOptions,
): EncodedResult | Promise<EncodedResult> {
  // Whoever reads the store reads results.
  if (holdsSecret(text)) return secretAt(value)
  const sizeBytes = Buffer.byteLength(text)
  return sizeBytes > (options.maxBytes ?? RESULT_MAX_BYTES) ? tooLarge(`${sizeBytes} bytes`, options) : { format, text, sizeBytes }
}

function secretAt(value: unknown): EncodedResult {
  return { unserialisable: secretIn(value, 'result') ?? 'result', what: 'a secret', isSecret: true }
}

function tooLarge(size: string, { maxBytes = RESULT_MAX_BYTES }: ResultOptions): Promise<never> {
  return Promise.reject(new TuttiError('RESULT_TOO_LARGE', `the result takes ${size}, and at most ${maxBytes} bytes can be stored`))
}

/* ── formats are loaded when first needed: most processes need neither ───────────────── */

const formats: { devalue: typeof Devalue | undefined; cbor: typeof Cbor | undefined } = { devalue: undefined, cbor: undefined }

async function loadDevalue(): Promise<typeof Devalue> {
  return (formats.devalue ??= await import('./devalue-format.ts'))
}

async function loadCbor(): Promise<typeof Cbor> {
  return (formats.cbor ??= await import('./cbor-format.ts'))
}
