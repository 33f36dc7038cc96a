// The services that give tokens, as far as credentials ask them: STS (tokens of other providers are exchanged) and IAM credentials
// (tokens of impersonated accounts, signatures).
import { createSign } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface GoogleIdentity {
  readonly url: string
  /** What was asked: path and body of each request. */
  readonly asked: readonly { readonly path: string; readonly body: string; readonly authorization: string | undefined }[]
  /** Refuses what comes next, with this status. */
  refuse(status: number): void
  close(): Promise<void>
}

/** @param privateKey - what signatures are made with. */
export async function serveGoogleIdentity(privateKey: string): Promise<GoogleIdentity> {
  const asked: { path: string; body: string; authorization: string | undefined }[] = []
  let refusal: number | undefined

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const path = request.url ?? ''
    asked.push({ path, body, authorization: request.headers.authorization })
    if (refusal !== undefined)
      return send(response, refusal, { error: 'invalid_grant', error_description: 'the subject token has expired' })
    if (path.endsWith('/token')) {
      const token = {
        access_token: 'federated-token',
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        token_type: 'Bearer',
      }
      return send(response, 200, { ...token, expires_in: 3600 })
    }
    if (path.endsWith(':generateAccessToken')) {
      const expireTime = new Date(Date.now() + 3_600_000).toISOString()
      return send(response, 200, { accessToken: 'impersonated-token', expireTime })
    }
    if (path.endsWith(':signBlob')) {
      const { payload } = JSON.parse(body) as { readonly payload: string } // as Google's client sends it
      const signed = createSign('RSA-SHA256').update(Buffer.from(payload, 'base64')).sign(privateKey, 'base64')
      return send(response, 200, { keyId: '1', signedBlob: signed })
    }
    send(response, 404, {})
  }

  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    asked,
    refuse(status) {
      refusal = status
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer) // no encoding is set
  return Buffer.concat(chunks).toString()
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}
