import { formatDuration } from '../core/duration.ts'
import { LOG_LEVELS } from '../core/log.ts'
import type { LogLevel, LogRecord } from '../core/log.ts'
import type { FlowRunEvent, RunObserver, TaskRunEvent } from '../core/observer.ts'
import { isTerminal } from '../core/state.ts'
import type { State } from '../core/state.ts'
import { elapsedMs } from '../core/time.ts'
import type { Clock } from '../core/time.ts'
import { systemClock } from './clock.ts'
import { readEnvironment } from './environment.ts'
import { jsonLines } from './terminal/json-lines.ts'
import { LiveBlock } from './terminal/live-block.ts'
import { cut, painter } from './terminal/paint.ts'
import { Progress } from './terminal/progress.ts'
import { RunText } from './terminal/run-text.ts'
import { processScreen } from './terminal/screen.ts'
import type { Screen } from './terminal/screen.ts'

export interface ReporterOptions {
  /** `auto`: pretty on a terminal, plain elsewhere. */
  readonly format: 'auto' | 'pretty' | 'plain' | 'json'
  /** The lowest level of log lines that are shown. */
  readonly level: LogLevel
  /** What stands in for a text: secrets are not shown. */
  readonly mask: (text: string) => string
  /** Default: the terminal of this process. */
  readonly screen?: Screen
  readonly clock?: Clock
}

/** How often the block at the bottom is painted anew. */
const REPAINT_MS = 100
/** How often a long run is told of where nothing can be painted over. */
const PROGRESS_MS = 10_000
/** Runs shown at the bottom; more are counted. */
const BLOCK_LINES_MAX = 8

/** Shows the runs of this process to people, or as JSON lines to programs. People's lines go to stderr: stdout is the user's own. */
export function processReporter(options: ReporterOptions): RunObserver {
  const { format, level, mask, screen = processScreen(readEnvironment()), clock = systemClock() } = options
  const levelMin = LOG_LEVELS[level]
  if (format === 'json') return jsonLines((text) => screen.out(text), levelMin)
  const pretty = format === 'pretty' || (format === 'auto' && screen.live)
  return new RunReporter({ screen, clock, levelMin, pretty, mask })
}

interface RunReporterOptions extends Pick<ReporterOptions, 'mask'> {
  readonly screen: Screen
  readonly clock: Clock
  readonly levelMin: number
  readonly pretty: boolean
}

class RunReporter implements RunObserver {
  readonly #screen: Screen
  readonly #clock: Clock
  readonly #levelMin: number
  readonly #mask: (text: string) => string
  readonly #text: RunText
  readonly #block: LiveBlock | undefined
  /** By root run. */
  readonly #roots = new Map<string, Progress>()
  /** Of which root a run is part. */
  readonly #rootOf = new Map<string, string>()
  /** Runs that wait for somebody. */
  readonly #paused = new Set<string>()
  #stopTimer: (() => void) | undefined

  constructor({ screen, clock, levelMin, pretty, mask }: RunReporterOptions) {
    this.#screen = screen
    this.#mask = mask
    this.#clock = clock
    this.#levelMin = levelMin
    this.#text = new RunText(painter(pretty && screen.colours))
    this.#block = pretty && screen.live ? new LiveBlock(screen, () => this.#blockLines()) : undefined
  }

  flowRun(event: FlowRunEvent): void {
    const { id, parentFlowRunId, state } = event
    const root = (parentFlowRunId === null ? id : this.#rootOf.get(parentFlowRunId)) ?? id
    const progress = this.#roots.get(root)
    if (progress === undefined && root === id && !isTerminal(state.type)) this.#roots.set(id, new Progress(event.name, state.timestamp))
    this.#rootOf.set(id, root)

    if (isTerminal(state.type)) return this.#ended(event, progress ?? new Progress(event.name, state.timestamp))
    const isWoken = state.type === 'running' && this.#paused.delete(id)
    if (isLeft(state)) this.#leave(event)
    else if (state.type === 'paused') this.#paused.add(id)
    else if (isWoken) this.#print(this.#text.woken(event))
    else if (state.type === 'scheduled') this.#print(this.#text.waits(event))
    else if (state.type === 'running' && (root === id || this.#levelMin <= LOG_LEVELS.debug)) this.#print(this.#text.begun(event))
    this.#arm()
  }

  /** It goes on in another process. */
  #leave(event: FlowRunEvent): void {
    const { id } = event
    const isRoot = this.#rootOf.get(id) === id
    this.#paused.delete(id)
    this.#rootOf.delete(id)
    if (!isRoot) return
    this.#roots.delete(id)
    if (this.#roots.size === 0) this.#rest()
    this.#print(this.#text.left(event))
  }

  #ended(event: FlowRunEvent, progress: Progress): void {
    const { id, state } = event
    const isRoot = this.#rootOf.get(id) === id
    this.#rootOf.delete(id)
    this.#paused.delete(id)
    if (isRoot) this.#roots.delete(id)
    if (this.#roots.size === 0) this.#rest()
    if (isRoot || state.type !== 'completed') this.#print(this.#text.ended(event, progress))
  }

  taskRun(event: TaskRunEvent): void {
    const { state, replayed } = event
    this.#roots.get(this.#rootOf.get(event.flowRunId) ?? '')?.add(event)
    const matters = (state.type === 'failed' || state.type === 'scheduled') && !replayed
    if (matters || this.#levelMin <= LOG_LEVELS.debug) this.#print(this.#text.task(event))
  }

  log(record: LogRecord): void {
    if (record.level >= this.#levelMin) this.#print(this.#text.log(record))
  }

  #print(text: string): void {
    const lines = this.#mask(text)
    if (this.#block === undefined) this.#screen.err(`${lines}\n`)
    else this.#block.print(lines)
  }

  /** The next look at how runs are getting on. The timer does not keep the process alive. */
  #arm(): void {
    if (this.#stopTimer !== undefined || this.#roots.size === 0) return
    this.#stopTimer = this.#clock.timer(this.#block === undefined ? PROGRESS_MS : REPAINT_MS, () => {
      this.#stopTimer = undefined
      if (this.#block === undefined) for (const line of this.#blockLines()) this.#print(line)
      else this.#block.repaint()
      this.#arm()
    })
  }

  #rest(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    this.#block?.end()
  }

  #blockLines(): readonly string[] {
    const now = this.#clock.now()
    const lines: string[] = []
    for (const progress of this.#roots.values()) {
      if (lines.length === BLOCK_LINES_MAX) {
        lines.push(`  and ${this.#roots.size - BLOCK_LINES_MAX} more flow runs`)
        break
      }
      const perSecond = progress.ended / Math.max(elapsedMs(progress.since, now) / 1000, 0.001)
      const rate = perSecond >= 10 ? ` · ${Math.round(perSecond).toLocaleString('en')}/s` : ''
      const counts = progress.counts()
      const tasks = counts.length === 0 ? 'no task yet' : counts.join(', ')
      const line = `  ${progress.name}: ${tasks}${rate} · ${formatDuration(elapsedMs(progress.since, now))}`
      lines.push(this.#block === undefined ? line : cut(line, this.#screen.columns))
    }
    return lines
  }
}

/** Whether a run has given its process back. */
function isLeft(state: State): boolean {
  return state.type === 'paused' ? state.details?.pauseReschedule === true : state.type === 'scheduled' && state.name === 'Sleeping'
}
