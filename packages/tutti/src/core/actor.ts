import { assertNever } from './assert.ts'

/** Who or what brought a run into a state. Until there are accounts it is what a caller says of itself, and where it called from. */
export interface Actor {
  readonly kind: ActorKind
  /** `ada@laptop`, `417@laptop`, `pool-1/laptop`, `scheduler`, `curl/8.5.0 · 127.0.0.1`. */
  readonly name: string
}

export type ActorKind = (typeof ACTOR_KINDS)[number]

export const ACTOR_KINDS = [
  /** A person, in a browser. */
  'dashboard',
  /** A person, or a script, by the `tutti` command. */
  'command',
  /** Another program over HTTP, known by its User-Agent. */
  'client',
  /** The process that ran the flow. */
  'process',
  'worker',
  /** A loop of the server. */
  'service',
] as const

const NAME_MAX = 200

/** What finds runs whose process is gone, wherever it runs. */
export const RECOVERY: Actor = { kind: 'service', name: 'recovery' }

/** `worker pool-1/laptop`. */
export function actorText({ kind, name }: Actor): string {
  return `${kind} ${name.slice(0, NAME_MAX)}`
}

/** `undefined`: that is no actor's text. */
export function actorOf(text: string): Actor | undefined {
  const at = text.indexOf(' ')
  const kind = ACTOR_KINDS.find((each) => each === text.slice(0, at))
  const name = text.slice(at + 1, at + 1 + NAME_MAX)
  return kind === undefined || name.trim() === '' ? undefined : { kind, name }
}

/** A process that holds runs. */
export function processActor({ host, pid }: { readonly host: string; readonly pid: number }): Actor {
  return { kind: 'process', name: `${pid}@${host}` }
}

/** For people, after "by". */
export function describeActor({ kind, name }: Actor): string {
  switch (kind) {
    case 'dashboard':
      return `somebody in the dashboard (${name})`
    case 'command':
      return `${name} with the command`
    case 'client':
      return `${name} over the API`
    case 'process':
      return `process ${name}`
    case 'worker':
      return `worker ${name}`
    case 'service':
      return `the server (${name})`
    default:
      return assertNever(kind)
  }
}
