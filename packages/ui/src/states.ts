import {
  AlarmClock,
  Ban,
  Check,
  CircleDashed,
  Clock,
  CopyCheck,
  createLucideIcon,
  History,
  LoaderCircle,
  Pause,
  RotateCw,
  X,
  Zap,
} from 'lucide-react'
import type { LucideIcon } from 'lucide-react'

/** How a run stands, as people tell it apart: one word, one icon, one colour each, the same on every page. */
export type Tone =
  | 'completed'
  | 'cached'
  | 'replayed'
  | 'retried'
  | 'failed'
  | 'crashed'
  | 'running'
  | 'pending'
  | 'scheduled'
  | 'late'
  | 'retrying'
  | 'paused'
  | 'cancelled'

/** Of the wire. */
export type StateType = 'SCHEDULED' | 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'CRASHED' | 'PAUSED' | 'CANCELLING'

export const STATE_TYPES: readonly StateType[] = [
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CRASHED',
  'SCHEDULED',
  'PENDING',
  'PAUSED',
  'CANCELLING',
  'CANCELLED',
]

/** Tried again, and well. */
const RotateCheck = createLucideIcon('rotate-check', [
  ['path', { d: 'M21 12a9 9 0 1 1-3-6.7L21 8', key: 'turn' }],
  ['path', { d: 'M21 3v5h-5', key: 'tip' }],
  ['path', { d: 'm8 12 3 3 5-5', key: 'check' }],
])

interface ToneLook {
  readonly icon: LucideIcon
  /** What it means, for who has not met it. */
  readonly meaning: string
}

export const TONES: Readonly<Record<Tone, ToneLook>> = {
  completed: { icon: Check, meaning: 'ended well' },
  cached: { icon: CopyCheck, meaning: 'took a result that an earlier run had kept' },
  replayed: { icon: History, meaning: 'had ended before a crash; its result was taken again, its code was not' },
  retried: { icon: RotateCheck, meaning: 'ended well, after attempts that did not' },
  failed: { icon: X, meaning: 'its code failed' },
  crashed: { icon: Zap, meaning: 'its process went away' },
  running: { icon: LoaderCircle, meaning: 'runs now' },
  pending: { icon: CircleDashed, meaning: 'is about to start' },
  scheduled: { icon: Clock, meaning: 'waits for its time' },
  late: { icon: AlarmClock, meaning: 'its time has come, and nobody has taken it' },
  retrying: { icon: RotateCw, meaning: 'failed, and is tried again' },
  paused: { icon: Pause, meaning: 'waits for somebody or for its time' },
  cancelled: { icon: Ban, meaning: 'was called off' },
}

/** By type and name: the name tells what the type does not. */
export function toneOf(type: string | null | undefined, name?: string | null): Tone {
  switch (type) {
    case 'COMPLETED':
      return name === 'Cached' ? 'cached' : 'completed'
    case 'FAILED':
      return 'failed'
    case 'CRASHED':
      return 'crashed'
    case 'RUNNING':
      return name === 'Retrying' ? 'retrying' : 'running'
    case 'PAUSED':
      return 'paused'
    case 'CANCELLING':
    case 'CANCELLED':
      return 'cancelled'
    case 'SCHEDULED':
      if (name === 'Late') return 'late'
      if (name === 'AwaitingRetry' || name === 'Retrying') return 'retrying'
      return name === 'Paused' || name === 'Sleeping' || name === 'AwaitingInput' ? 'paused' : 'scheduled'
    default:
      return 'pending'
  }
}

export function isTerminal(type: string | null | undefined): boolean {
  return type === 'COMPLETED' || type === 'FAILED' || type === 'CRASHED' || type === 'CANCELLED'
}

export function colorOf(tone: Tone): string {
  return `var(--state-${tone})`
}

export function textColorOf(tone: Tone): string {
  return `var(--state-${tone}-text)`
}
