// The dashboard: files that were built (`packages/ui`), and one page for all of its paths, which finds its files relative to itself.
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packedWell, takesGzip } from './compress.ts'

/** Answers a GET or HEAD of a path that nothing else of the server has. */
export type Dashboard = (request: Request) => Promise<Response>

/** Where `npm run build` puts it: the same from the sources and from what is built. */
export const BUILT_DASHBOARD = fileURLToPath(new URL('../../dist/ui/', import.meta.url))

const PAGE = 'index.html'
const ASSETS = 'assets/'
/** By the path of each route, as `/runs/$id`, the scripts of its page. */
const PRELOADS = 'preloads.json'
/** More files than a dashboard has; a folder that holds them is another one. */
const FILES_MAX = 10_000
/** The page is kept once for each depth of path; deeper ones than the dashboard has are made anew. */
const DEPTHS_KEPT = 8

const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: https:",
  "font-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "frame-ancestors 'none'",
].join('; ')

const SAFE = { 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'same-origin' }
const PAGE_HEADERS = { ...SAFE, 'Content-Security-Policy': POLICY, 'Content-Type': 'text/html; charset=utf-8' }

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}
/** Those that are short already. */
const PACKED: ReadonlySet<string> = new Set(['.gif', '.jpg', '.png', '.webp', '.woff2'])

/** One answer, as it is and in gzip. */
interface Kept {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly packed: Uint8Array<ArrayBuffer> | undefined
  readonly etag: string
}

/** What one build consists of. Only names that were found in its folder are served, so no path leads out of it. */
interface Build {
  readonly madeAt: number
  readonly names: ReadonlySet<string>
  readonly preloads: Readonly<Record<string, readonly string[]>>
  readonly kept: Map<string, Promise<Kept>>
}

export function createDashboard(folder: string): Dashboard {
  let build: Build | undefined

  /** Looked at again whenever the page is asked for: it may have been built anew. */
  async function current(): Promise<Build | undefined> {
    const found = await stat(join(folder, PAGE)).catch(absent) // it is not built
    if (found === undefined) build = undefined
    else if (build?.madeAt !== found.mtimeMs) {
      const [names, preloads] = await Promise.all([namesIn(folder), readPreloads(folder)])
      build = { madeAt: found.mtimeMs, names, preloads, kept: new Map() }
    }
    return build
  }

  function keptOf(of: Build, key: string, read: () => Promise<Uint8Array>): Promise<Kept> {
    const known = of.kept.get(key)
    if (known !== undefined) return known
    const made = read().then((bytes) => keep(bytes, extname(key)))
    of.kept.set(key, made)
    made.catch(() => of.kept.delete(key)) // whoever waits for it is told
    return made
  }

  async function page(of: Build, request: Request, path: string): Promise<Response> {
    const up = wayToRoot(path)
    const route = Object.keys(of.preloads).find((each) => isOfRoute(path, each)) ?? ''
    const read = async (): Promise<Uint8Array> => {
      const html = await readFile(join(folder, PAGE), 'utf8')
      // After the scripts of every page: a browser fetches in this order.
      const links = (of.preloads[route] ?? []).map((file) => `<link rel="modulepreload" crossorigin href="./${file}">\n`)
      return Buffer.from(html.replace(/<base href="[^"]*"/, `<base href="${up}"`).replace('</head>', `${links.join('')}</head>`))
    }
    const isKept = up.length <= DEPTHS_KEPT * 3
    const kept = isKept ? await keptOf(of, `${up}${route}/${PAGE}`, read) : await keep(await read(), '.html')
    return answer(request, kept, { ...PAGE_HEADERS, 'Cache-Control': 'no-cache' })
  }

  return async (request) => {
    const { pathname } = new URL(request.url)
    const name = nameOf(pathname)
    const isAsset = name?.startsWith(ASSETS) === true
    const of = isAsset ? (build ?? (await current())) : await current()
    if (of === undefined) return isAsset ? notThere() : notBuilt(pathname)
    if (name !== undefined && name !== PAGE && of.names.has(name)) {
      const kept = await keptOf(of, name, () => readFile(join(folder, name)))
      const type = TYPES[extname(name)] ?? 'application/octet-stream'
      const cached = isAsset ? 'public, max-age=31536000, immutable' : 'no-cache'
      return answer(request, kept, { ...SAFE, 'Content-Type': type, 'Cache-Control': cached })
    }
    if (isAsset || !isPage(request, pathname)) return notThere()
    return page(of, request, pathname)
  }
}

/** Whether a path is one of a route: `/runs/a1` of `/runs/$id`. */
function isOfRoute(path: string, route: string): boolean {
  const steps = path.split('/')
  const wanted = route.split('/')
  return steps.length === wanted.length && wanted.every((step, at) => (step.startsWith('$') ? steps[at] !== '' : step === steps[at]))
}

/** A dashboard of an older build has none: its pages ask for their scripts themselves. */
async function readPreloads(folder: string): Promise<Build['preloads']> {
  const text = await readFile(join(folder, PRELOADS), 'utf8').catch(absent)
  return text === undefined ? {} : (JSON.parse(text) as Build['preloads']) // written by the build
}

/** What is there and cannot be read is an error. */
function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** From a path to where the server begins, as a browser at that path finds it: `/` → `./`, `/flow-runs/x` → `../`. */
function wayToRoot(path: string): string {
  return '../'.repeat(path.split('/').length - 2) || './'
}

/** `undefined`: no file is called so. */
function nameOf(path: string): string | undefined {
  try {
    return decodeURIComponent(path.slice(1))
  } catch {
    return undefined
  }
}

/** A browser that goes there takes HTML; what takes anything may look for a file, which has an ending. */
function isPage(request: Request, path: string): boolean {
  const accepted = request.headers.get('accept') ?? '*/*'
  if (/\btext\/html\b/i.test(accepted)) return true
  return accepted.includes('*/*') && extname(path) === ''
}

async function namesIn(folder: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).slice(0, FILES_MAX)
  return new Set(files.map(({ parentPath, name }) => join(parentPath, name).slice(join(folder, sep).length).split(sep).join('/')))
}

async function keep(read: Uint8Array, ending: string): Promise<Kept> {
  const bytes = new Uint8Array(read)
  const packed = PACKED.has(ending) ? undefined : await packedWell(bytes)
  return { bytes, packed, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` }
}

function answer({ method, headers: asked }: Request, { bytes, packed, etag }: Kept, headers: Readonly<Record<string, string>>): Response {
  const shared = { ...headers, ETag: etag, ...(packed === undefined ? undefined : { Vary: 'Accept-Encoding' }) }
  const known = asked.get('if-none-match')?.split(',') ?? []
  if (known.some((each) => each.trim().replace(/^W\//, '') === etag)) return new Response(null, { status: 304, headers: shared })
  const isPacked = packed !== undefined && takesGzip(asked.get('accept-encoding') ?? '')
  const body = isPacked ? packed : bytes
  const own = { ...shared, 'Content-Length': String(body.length), ...(isPacked ? { 'Content-Encoding': 'gzip' } : undefined) }
  return new Response(method === 'HEAD' ? null : body, { headers: own })
}

function notThere(): Response {
  return Response.json({ detail: 'Not Found' }, { status: 404, headers: { ...SAFE, 'Cache-Control': 'no-store' } })
}

/** Only in a copy of the sources: the published package has it. */
function notBuilt(path: string): Response {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Tutti</title>
<body style="font:16px/1.6 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem">
<h1>The server runs, its dashboard is not built</h1>
<p>Type <code>npm run build</code> in the folder of the sources, then load this page again.</p>
<p><a href="${wayToRoot(path)}docs/api">The reference of the API</a> is there already.</p>
</body>
</html>
`
  return new Response(html, { status: 503, headers: { ...PAGE_HEADERS, 'Cache-Control': 'no-store' } })
}
