import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** Unpacks bytes as they come. What fails on the way to them fails here. */
export async function* unpacked(bytes: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  // A failure of the bytes destroys what reads them, which throws it below.
  pipeline(Readable.from(bytes, { objectMode: false }), gunzip, () => {})
  for await (const chunk of gunzip) yield chunk as Buffer // no encoding is set
}
