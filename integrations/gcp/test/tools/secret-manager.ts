// Secret Manager as far as secrets are read: versions of secrets by their names.
import { createServer } from 'node:http'
import { crc32c } from './gcs/crc32c.ts'

export interface SecretManager {
  readonly url: string
  /** Paths that were asked for. */
  readonly asked: readonly string[]
  /** What is answered next, instead. */
  answer(status: number, body: unknown): void
  close(): Promise<void>
}

/** @param versions - text by `projects/P/secrets/S/versions/V`. */
export async function serveSecretManager(versions: Readonly<Record<string, string>>): Promise<SecretManager> {
  const asked: string[] = []
  const instead: { readonly status: number; readonly body: unknown }[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const { status, body } = instead.shift() ?? access(versions, /^\/v1\/(.+):access$/.exec(path)?.[1] ?? '')
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    asked,
    answer: (status, body) => void instead.push({ status, body }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function access(versions: Readonly<Record<string, string>>, name: string): { readonly status: number; readonly body: unknown } {
  const text = versions[name]
  if (text === undefined) {
    return { status: 404, body: { error: { code: 404, message: `Secret [${name}] not found or has no versions.`, status: 'NOT_FOUND' } } }
  }
  const bytes = Buffer.from(text)
  const payload = { data: bytes.toString('base64'), dataCrc32c: String(crc32c(bytes) >>> 0) }
  return { status: 200, body: { name, payload } }
}
