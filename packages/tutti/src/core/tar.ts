// Archives of code, in the format that `tar` reads (ustar, with pax headers for long names). The same files give the same bytes: no times, no
// owners, in the order of names.

export type TarEntry =
  | { readonly type: 'file'; readonly path: string; readonly bytes: Uint8Array; readonly isProgram: boolean }
  | { readonly type: 'link'; readonly path: string; readonly target: string }

const BLOCK = 512
const NAME_BYTES_MAX = 100
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

export function writeTar(entries: readonly TarEntry[]): Uint8Array {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  const parts = sorted.flatMap((entry) => {
    const extended = extendedHeader(entry)
    const bytes = entry.type === 'file' ? entry.bytes : new Uint8Array()
    return [...extended, header(entry, bytes.length), bytes, padding(bytes.length)]
  })
  return join([...parts, new Uint8Array(2 * BLOCK)])
}

/** Throws an `Error` for what is no archive of this kind, and for names that lead out of the folder it is unpacked to. */
export function readTar(archive: Uint8Array): readonly TarEntry[] {
  const entries: TarEntry[] = []
  let extended: Readonly<Record<string, string>> = {}
  for (let at = 0; at + BLOCK <= archive.length;) {
    const block = archive.subarray(at, at + BLOCK)
    if (block.every((byte) => byte === 0)) return entries
    checkSum(block)
    const size = octal(block, 124, 12)
    const bytes = archive.subarray(at + BLOCK, at + BLOCK + size)
    if (bytes.length < size) throw new Error('the archive is cut off')
    at += BLOCK + size + padding(size).length
    const type = String.fromCharCode(block[156]!)
    if (type === 'x') {
      extended = readExtended(bytes)
      continue
    }
    const path = inside(extended['path'] ?? nameOf(block))
    if (type === '0') entries.push({ type: 'file', path, bytes, isProgram: (octal(block, 100, 8) & 0o111) !== 0 })
    else if (type === '2') entries.push({ type: 'link', path, target: linkInside(path, extended['linkpath'] ?? text(block, 157, 100)) })
    else throw new Error(`the archive has an entry of the type ${JSON.stringify(type)}: ${path}`)
    extended = {}
  }
  throw new Error('the archive has no end')
}

/* ── writing ─────────────────────────────────────────────────────────────────────────────────────── */

function header(entry: TarEntry, size: number): Uint8Array {
  const block = new Uint8Array(BLOCK)
  const put = (written: string, at: number): void => block.set(encoder.encode(written), at)
  block.set(encoder.encode(entry.path).subarray(0, NAME_BYTES_MAX), 0)
  put(octalText(entry.type === 'file' && entry.isProgram ? 0o755 : 0o644, 8), 100)
  for (const at of [108, 116]) put(octalText(0, 8), at)
  put(octalText(size, 12), 124)
  put(octalText(0, 12), 136)
  put(entry.type === 'file' ? '0' : '2', 156)
  if (entry.type === 'link') block.set(encoder.encode(entry.target).subarray(0, NAME_BYTES_MAX), 157)
  return sealed(block)
}

/** Names that do not fit, and those with other than plain letters, stand in a header of their own. */
function extendedHeader(entry: TarEntry): readonly Uint8Array[] {
  const records = [
    ...(isPlain(entry.path) ? [] : [record('path', entry.path)]),
    ...(entry.type === 'file' || isPlain(entry.target) ? [] : [record('linkpath', entry.target)]),
  ]
  if (records.length === 0) return []
  const bytes = join(records)
  const block = new Uint8Array(BLOCK)
  block.set(encoder.encode('pax'), 0)
  block.set(encoder.encode(octalText(bytes.length, 12)), 124)
  block.set(encoder.encode('x'), 156)
  return [sealed(block), bytes, padding(bytes.length)]
}

function isPlain(name: string): boolean {
  return name.length < NAME_BYTES_MAX && /^[\u0020-\u007e]*$/.test(name)
}

/** `LENGTH key=value`: the length counts itself. */
function record(key: string, value: string): Uint8Array {
  const rest = encoder.encode(` ${key}=${value}\n`)
  let length = rest.length
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return join([encoder.encode(String(length)), rest])
}

function sealed(block: Uint8Array): Uint8Array {
  block.set(encoder.encode('ustar\u000000'), 257)
  block.set(encoder.encode('        '), 148)
  block.set(encoder.encode(`${octalText(sum(block), 7)} `), 148)
  return block
}

function octalText(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, '0')}\u0000`
}

function padding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK)
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/* ── reading ─────────────────────────────────────────────────────────────────────────────────────── */

function checkSum(block: Uint8Array): void {
  const copy = Uint8Array.from(block)
  copy.set(encoder.encode('        '), 148)
  if (octal(block, 148, 8) !== sum(copy)) throw new Error('this is no archive, or it is damaged')
}

function sum(block: Uint8Array): number {
  return block.reduce((all, byte) => all + byte, 0)
}

function octal(block: Uint8Array, at: number, length: number): number {
  const digits = text(block, at, length).trim()
  if (!/^[0-7]+$/.test(digits)) throw new Error('this is no archive, or it is damaged')
  return Number.parseInt(digits, 8)
}

function text(block: Uint8Array, at: number, length: number): string {
  const field = block.subarray(at, at + length)
  const end = field.indexOf(0)
  return decoder.decode(end < 0 ? field : field.subarray(0, end))
}

function nameOf(block: Uint8Array): string {
  const prefix = text(block, 345, 155)
  const name = text(block, 0, 100)
  return prefix === '' ? name : `${prefix}/${name}`
}

function readExtended(bytes: Uint8Array): Readonly<Record<string, string>> {
  const found: [string, string][] = []
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at)
    const length = Number(decoder.decode(bytes.subarray(at, space)))
    if (!(length > 0) || space < 0) throw new Error('the archive is damaged')
    const written = decoder.decode(bytes.subarray(space + 1, at + length - 1))
    const equals = written.indexOf('=')
    found.push([written.slice(0, equals), written.slice(equals + 1)])
    at += length
  }
  return Object.fromEntries(found)
}

/** A path below the folder that is unpacked to. */
function inside(path: string): string {
  const parts = path.split('/')
  const isOutside = path === '' || path.startsWith('/') || path.includes('\\') || path.includes('\u0000') || /^[a-z]:/i.test(path)
  if (isOutside || parts.some((part) => part === '..' || part === '.' || part === ''))
    throw new Error(`the archive has a file that would lie outside of it: ${JSON.stringify(path)}`)
  return path
}

/** Whether a link stays below the folder that is unpacked to. */
export function isLinkInside(path: string, target: string): boolean {
  const steps = [...path.split('/').slice(0, -1), ...target.split('/')]
  let depth = 0
  for (const step of steps) {
    depth += step === '..' ? -1 : step === '.' || step === '' ? 0 : 1
    if (depth < 0) break
  }
  return depth >= 0 && target !== '' && !target.startsWith('/') && !target.includes('\\')
}

function linkInside(path: string, target: string): string {
  if (isLinkInside(path, target)) return target
  throw new Error(`the archive has a link that leads out of it: ${JSON.stringify(path)}`)
}
