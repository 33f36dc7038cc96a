// A TCP proxy that a test can make fail: answers held back, connections cut or refused.
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

/** `up`: what the client sends is held back; `down`: what the server answers; nobody is told. */
export type Stall = 'none' | 'up' | 'down' | 'both'

interface Pair {
  readonly near: Socket
  readonly far: Socket
  /** What is held back, in its order. */
  readonly held: { readonly way: 'up' | 'down'; readonly pass: () => void }[]
}

export class FaultProxy {
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #stall: Stall = 'none'
  #refuses = false

  private constructor(to: { readonly host: string; readonly port: number }) {
    this.#server = createServer({ noDelay: true }, (near) => this.#accept(near, to))
  }

  static async start(to: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
    const proxy = new FaultProxy(to)
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject)
      proxy.#server.listen(0, '127.0.0.1', resolve)
    })
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port // it listens on a port
  }

  stall(way: Stall): void {
    this.#stall = way
    for (const { held } of this.#pairs) {
      const all = held.splice(0)
      for (const part of all) {
        if (this.#holds(part.way)) held.push(part)
        else part.pass()
      }
    }
  }

  /** New connections are reset. */
  refuse(refuses: boolean): void {
    this.#refuses = refuses
  }

  /** Resets every connection; what is held back never arrives. */
  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
    this.#pairs.clear()
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(near: Socket, to: { readonly host: string; readonly port: number }): void {
    if (this.#refuses) return void near.resetAndDestroy()
    const far = connect({ ...to, noDelay: true })
    const pair: Pair = { near, far, held: [] }
    this.#pairs.add(pair)
    this.#pipe(pair, near, far, 'up')
    this.#pipe(pair, far, near, 'down')
  }

  #pipe(pair: Pair, from: Socket, to: Socket, way: 'up' | 'down'): void {
    const pass = (action: () => void): void => {
      if (this.#holds(way)) pair.held.push({ way, pass: action })
      else action()
    }
    from.on('data', (data) => pass(() => to.write(data)))
    from.on('end', () => pass(() => to.end()))
    // One side is gone: so is the other, once it is let know.
    from.on('error', () => pass(() => to.destroy()))
    from.on('close', () => this.#pairs.delete(pair))
  }

  #holds(way: 'up' | 'down'): boolean {
    return this.#stall === way || this.#stall === 'both'
  }
}

/** A proxy before the server of an address, and the address that leads through it. */
export async function proxyBefore(url: string): Promise<{ readonly proxy: FaultProxy; readonly url: string }> {
  const address = new URL(url)
  const proxy = await FaultProxy.start({ host: address.hostname, port: Number(address.port) })
  address.port = String(proxy.port)
  return { proxy, url: address.href }
}
