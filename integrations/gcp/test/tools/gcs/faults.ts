import type { ServerResponse } from 'node:http'
import type { Call } from './http.ts'
import { ServiceError } from './http.ts'

/** What goes wrong with the next `count` requests whose "METHOD URL" matches. */
export interface Fault {
  readonly count: number
  /** Text of a regular expression; every request when there is none. */
  readonly match?: string
  /** Answered instead. */
  readonly status?: number
  readonly reason?: string
  /** Waits before anything else. */
  readonly delayMs?: number
  /** Cuts the connection at once. */
  readonly drop?: boolean
  /** Takes so many bytes of the request, keeps them, then cuts the connection. */
  readonly cutRequestAfter?: number
  /** Changes one byte of the request's body. */
  readonly corruptRequest?: boolean
  /** Sends so many bytes of the answer, then cuts the connection. */
  readonly cutAnswerAfter?: number
  /** Sends so many bytes of the answer, then nothing more, and leaves the connection open. */
  readonly stallAnswerAfter?: number
  /** Does what is asked, then cuts the connection instead of answering. */
  readonly dropAnswer?: boolean
  /** Changes one byte of the answer's body. */
  readonly corrupt?: boolean
}

const FAULTS_MAX = 1000

export class Faults {
  readonly #faults: { readonly fault: Fault; left: number }[] = []

  add(fault: Fault): void {
    if (this.#faults.length >= FAULTS_MAX) throw new ServiceError(400, 'invalid', 'too many faults')
    this.#faults.push({ fault, left: fault.count })
  }

  clear(): void {
    this.#faults.length = 0
  }

  /** The fault this request meets. */
  take(line: string): Fault | undefined {
    const found = this.#faults.find(({ fault, left }) => left > 0 && new RegExp(fault.match ?? '').test(line))
    if (found !== undefined) found.left -= 1
    return found?.fault
  }
}

/** Does the part of a fault that comes before the request is looked at. Answers whether there is anything left to do. */
export async function meet(fault: Fault, { request, response }: Call): Promise<'go on' | 'done'> {
  if (fault.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs).unref())
  if (fault.drop === true) {
    request.socket.destroy()
    return 'done'
  }
  if (fault.status !== undefined) {
    request.resume()
    throw new ServiceError(fault.status, fault.reason ?? 'backendError', 'injected fault')
  }
  spoilAnswer(response, fault)
  return 'go on'
}

function spoilAnswer(response: ServerResponse, { cutAnswerAfter, stallAnswerAfter, dropAnswer, corrupt }: Fault): void {
  const limit = dropAnswer === true ? 0 : (cutAnswerAfter ?? stallAnswerAfter)
  if (limit === undefined && corrupt !== true) return
  const write = response.write.bind(response)
  const end = response.end.bind(response)
  let left = limit ?? Infinity
  let isSpoiled = false
  const stop = (): true => {
    if (stallAnswerAfter === undefined) response.destroy()
    return true
  }
  const pass = (chunk: Buffer): void => {
    if (corrupt === true && !isSpoiled && chunk.length > 0) {
      isSpoiled = true
      chunk = Buffer.from(chunk)
      chunk[0] = chunk[0]! ^ 1
    }
    if (left > 0) write(chunk.subarray(0, left))
    left -= chunk.length
  }
  if (dropAnswer === true) response.writeHead = () => response
  response.write = (chunk: unknown) => {
    pass(bufferOf(chunk))
    // Nobody drains what is cut off or held back.
    return left > 0 ? !response.writableNeedDrain : stop()
  }
  response.end = (chunk: unknown) => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) pass(bufferOf(chunk))
    if (left > 0) end()
    else stop()
    return response
  }
}

function bufferOf(chunk: unknown): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk as Uint8Array) // nothing else is written here
}
