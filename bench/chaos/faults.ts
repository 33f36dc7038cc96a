import type { ServerProcess } from '../server-process.ts'
import { signal } from './machine.ts'
import type { Machine } from './machine.ts'
import { between, oneOf, shuffled } from './random.ts'
import type { Random } from './random.ts'

export const FAULTS = [
  'worker_killed',
  'process_killed',
  'process_stopped',
  'worker_stopped',
  'network_cut',
  'network_stalled',
  'server_killed',
] as const
export type Fault = (typeof FAULTS)[number]

export interface FaultsOptions {
  readonly random: Random
  readonly machines: readonly Machine[]
  readonly servers: readonly ServerProcess[]
  readonly leaseMs: number
  readonly onProblem: (problem: string) => void
  readonly tell: (line: string) => void
}

/** Longer than a lease by at least this, so that the run goes on elsewhere meanwhile. */
const BEYOND_LEASE_MS = [1_500, 4_000] as const

/** Does one fault after the other, every kind as often as another, each at a machine or server that has none at the time. */
export class Faults {
  readonly done: Record<Fault, number> = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number> // of all keys
  readonly #options: FaultsOptions
  readonly #underWay = new Set<Promise<void>>()
  readonly #hurt = new Set<Machine | ServerProcess>()
  #next: Fault[] = []

  constructor(options: FaultsOptions) {
    this.#options = options
  }

  /** Begins the next fault. One that finds nobody to hurt waits for the next time. */
  begin(): void {
    const { random, onProblem } = this.#options
    if (this.#next.length === 0) this.#next = shuffled(random, FAULTS)
    for (let tried = this.#next.length; tried > 0; tried--) {
      const fault = this.#next.shift()!
      const work = this.#start(fault)
      if (work === undefined) {
        this.#next.push(fault)
        continue
      }
      const tracked = work
        .catch((error: unknown) => onProblem(`${fault}: ${error instanceof Error ? error.message : String(error)}`))
        .finally(() => this.#underWay.delete(tracked))
      this.#underWay.add(tracked)
      return
    }
  }

  /** Everything is mended. */
  async over(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  #start(fault: Fault): Promise<void> | undefined {
    const { random, machines, servers } = this.#options
    if (fault === 'server_killed') {
      // One of them stays, and a machine behind a dead server has trouble enough.
      const server = servers.some((each) => this.#hurt.has(each)) ? undefined : oneOf(random, servers)
      return server && this.#hurting(fault, server, server.url, () => this.#killServer(server))
    }
    const free = machines.filter((each) => !this.#hurt.has(each))
    // There is somebody to go on with what others lose.
    if (free.length < 2) return undefined
    const needsRun = fault !== 'worker_killed'
    const machine = oneOf(
      random,
      free.filter((each) => !needsRun || each.busy.length > 0),
    )
    return machine && this.#hurting(fault, machine, machine.name, () => this.#hurtMachine(fault, machine))
  }

  async #hurting(fault: Fault, target: Machine | ServerProcess, name: string, work: () => Promise<void>): Promise<void> {
    this.#hurt.add(target)
    this.#options.tell(`${fault} ${name}`)
    try {
      await work()
      this.done[fault] += 1
      this.#options.tell(`${fault} ${name} is over`)
    } finally {
      this.#hurt.delete(target)
    }
  }

  async #killServer(server: ServerProcess): Promise<void> {
    await server.kill()
    await sleep(between(this.#options.random, 0, 1_500))
    await server.start()
  }

  async #hurtMachine(fault: Exclude<Fault, 'server_killed'>, machine: Machine): Promise<void> {
    const { random, leaseMs } = this.#options
    const beyondLeaseMs = leaseMs + between(random, ...BEYOND_LEASE_MS)
    const pid = oneOf(random, machine.busy) ?? 0
    switch (fault) {
      case 'worker_killed':
        await machine.vanish()
        await sleep(between(random, 0, 2_000))
        return machine.start()
      case 'process_killed':
        signal(pid, 'SIGKILL')
        return
      case 'process_stopped':
        signal(pid, 'SIGSTOP')
        await sleep(beyondLeaseMs)
        signal(pid, 'SIGCONT')
        return
      case 'worker_stopped':
        machine.freeze()
        await sleep(beyondLeaseMs)
        return machine.thaw()
      case 'network_cut':
        machine.network.refuse(true)
        machine.network.cut()
        await sleep(beyondLeaseMs)
        return machine.network.refuse(false)
      case 'network_stalled':
        machine.network.stall(oneOf(random, ['up', 'down', 'both']) ?? 'both')
        await sleep(beyondLeaseMs)
        return machine.network.stall('none')
    }
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
