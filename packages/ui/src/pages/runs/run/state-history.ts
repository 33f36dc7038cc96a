import { isTerminal } from '../../../states.ts'

/** A state as the server tells it. */
export interface ToldState {
  readonly id: string
  readonly type: string
  readonly name: string | null
  readonly timestamp: string
  readonly message: string | null
  /** Who or what brought it about; absent when that is not known. */
  readonly tutti_actor?: Actor | undefined
}

export interface Actor {
  readonly kind: 'dashboard' | 'command' | 'client' | 'process' | 'worker' | 'service'
  readonly name: string
}

export interface HistoryStep extends ToldState {
  /** How long it was so; `undefined`: it still is, or it is the end. */
  readonly tookMs: number | undefined
  readonly isLast: boolean
  /** Which attempt it belongs to, where there were several. */
  readonly attempt: number
}

/** States with how long each was in force; an attempt begins whenever the run starts running after something else. */
export function stepsOf(states: readonly ToldState[]): readonly HistoryStep[] {
  const ordered = states.toSorted((one, other) => Date.parse(one.timestamp) - Date.parse(other.timestamp))
  let attempt = 1
  let hasEnded = false
  return ordered.map((state, at) => {
    const next = ordered[at + 1]
    if (hasEnded && !isTerminal(state.type)) {
      attempt += 1
      hasEnded = false
    }
    if (isTerminal(state.type) || state.name === 'AwaitingRetry') hasEnded = true
    return {
      ...state,
      tookMs: next === undefined ? undefined : Date.parse(next.timestamp) - Date.parse(state.timestamp),
      isLast: next === undefined,
      attempt,
    }
  })
}

const ACTOR_WORDS: Readonly<Record<Actor['kind'], string>> = {
  dashboard: 'in the dashboard',
  command: 'with the command',
  client: 'over the API',
  process: 'process',
  worker: 'worker',
  service: 'the server',
}

/** Who brought a state about: the word that says what it is, and its name. */
export function actorWords({ kind, name }: Actor): string {
  switch (kind) {
    case 'process':
    case 'worker':
      return `${ACTOR_WORDS[kind]} ${name}`
    case 'service':
      return `${ACTOR_WORDS[kind]} (${name.replaceAll('-', ' ')})`
    default:
      return `${name} ${ACTOR_WORDS[kind]}`
  }
}
