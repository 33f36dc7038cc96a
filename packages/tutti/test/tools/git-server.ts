// Serves bare repositories below a folder over HTTP, by the real `git http-backend`.
import { execFileSync, spawn } from 'node:child_process'
import { createHash, timingSafeEqual } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'

export interface GitServerOptions {
  /** Each `NAME.git` in it is one repository. */
  readonly root: string
  /** Taken as a bearer token, or as the password of any user. Without it everybody may read and push. */
  readonly token?: string
  /** Called before a request is answered, which waits for it; a number is the status of the answer. */
  readonly before?: (request: IncomingMessage) => Promise<number | undefined> | number | undefined
}

export interface GitServer {
  readonly url: string
  /** Method and path of every request so far. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

export async function serveGit({ root, token, before }: GitServerOptions): Promise<GitServer> {
  const folder = realpathSync(path.resolve(root))
  const backend = `${execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim()}/git-http-backend`
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`)
    void answer(request, response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = await before?.(request)
    if (refusal !== undefined) return end(request, response, { status: refusal })
    if (token !== undefined && !isToken(tokenOf(request), token)) {
      return end(request, response, { status: 401, headers: { 'www-authenticate': 'Basic realm="git"' } })
    }
    runBackend(backend, folder, request, response)
  }
}

function end(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers = {} }: { readonly status: number; readonly headers?: Readonly<Record<string, string>> },
): void {
  request.resume()
  response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end()
}

function tokenOf({ headers }: IncomingMessage): string | undefined {
  const header = headers.authorization ?? ''
  const [, kind = '', value = ''] = /^(bearer|basic) (.*)$/i.exec(header) ?? []
  if (kind.toLowerCase() === 'bearer') return value
  return kind === ''
    ? undefined
    : Buffer.from(value, 'base64')
        .toString()
        .replace(/^[^:]*:/, '')
}

function isToken(given: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return given !== undefined && timingSafeEqual(digest(given), digest(token))
}

function runBackend(backend: string, root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://server')
  const program = spawn(backend, { env: environmentOf(root, request, url), stdio: ['pipe', 'pipe', 'ignore'] })
  // The backend may stop reading early.
  program.stdin.on('error', () => undefined)
  request.pipe(program.stdin)
  response.on('close', () => {
    if (!response.writableFinished) program.kill()
  })
  let head = Buffer.alloc(0)
  let hasBegun = false
  program.stdout.on('data', (part: Buffer) => {
    if (hasBegun) return void response.write(part)
    head = Buffer.concat([head, part])
    const headEnd = head.indexOf('\r\n\r\n')
    if (headEnd === -1) return
    hasBegun = true
    writeHead(response, head.subarray(0, headEnd).toString('latin1'))
    response.write(head.subarray(headEnd + 4))
  })
  program.stdout.on('end', () => {
    if (!hasBegun && !response.headersSent) response.writeHead(500)
    response.end()
  })
}

/** What the backend prints before its answer, as a program behind a web server does. */
function writeHead(response: ServerResponse, head: string): void {
  let status = 200
  for (const line of head.split('\r\n')) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? []
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10)
    else if (name !== '') response.setHeader(name, value)
  }
  response.writeHead(status)
}

function environmentOf(root: string, { method, headers }: IncomingMessage, url: URL): NodeJS.ProcessEnv {
  const length = headers['content-length']
  const configuration = {
    'http.receivepack': 'true',
    // Repositories may belong to another user.
    'safe.directory': '*',
    'uploadpack.allowAnySHA1InWant': 'true',
  }
  const numbered = Object.entries(configuration).flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ])
  return {
    PATH: process.env['PATH'],
    HOME: root,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    REQUEST_METHOD: method,
    PATH_INFO: decodeURIComponent(url.pathname),
    QUERY_STRING: url.search.slice(1),
    CONTENT_TYPE: headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '',
    GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
    REMOTE_USER: 'git',
    GIT_CONFIG_COUNT: String(Object.keys(configuration).length),
    ...Object.fromEntries(numbered),
    ...(length === undefined ? {} : { CONTENT_LENGTH: length }),
  }
}
