import { expect, test } from 'vitest'
import { TuttiError } from '../core/errors.ts'
import type { LogRecord } from '../core/log.ts'
import type { FlowRunEvent, TaskRunEvent } from '../core/observer.ts'
import { after, instantFromDate } from '../core/time.ts'
import { aState } from '../testing/builders.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { eventLoop } from './event-loop.ts'
import { processReporter } from './terminal.ts'
import type { ReporterOptions } from './terminal.ts'
import type { Screen } from './terminal/screen.ts'

const ESCAPE = '\u001B\\['
const UP = new RegExp(`^${ESCAPE}(\\d+)F$`)
const CURSOR = new RegExp(`(${ESCAPE}\\d+[FJ]|\\n)`)
const T0 = instantFromDate(new Date(2026, 0, 2, 3, 4, 5, 678))

function reporterOn(screen: FakeScreen, options: Partial<ReporterOptions> = {}) {
  const clock = new VirtualClock({ start: T0, loop: eventLoop(), jumps: false })
  const reporter = processReporter({ format: 'auto', level: 'info', mask: (text) => text, screen, clock, ...options })
  return {
    flowRun: (event: Partial<FlowRunEvent> = {}) => reporter.flowRun?.(aFlowRunEvent(event)),
    taskRun: (event: Partial<TaskRunEvent> = {}) => reporter.taskRun?.(aTaskRunEvent(event)),
    log: (record: Partial<LogRecord> = {}) => reporter.log?.(aRecord(record)),
    advance: (delayMs: number) => clock.advance(delayMs),
  }
}

function aFlowRunEvent(changes: Partial<FlowRunEvent> = {}): FlowRunEvent {
  const state = aState('running', { timestamp: T0 })
  return { id: 'r1', name: 'cheerful-otter', flowName: 'hello', parentFlowRunId: null, state, attempt: 1, replaying: 0, ...changes }
}

function aTaskRunEvent(changes: Partial<TaskRunEvent> = {}): TaskRunEvent {
  const state = aState('running', { timestamp: T0 })
  return {
    id: 't1',
    flowRunId: 'r1',
    taskName: 'greet',
    name: 'greet-0',
    state,
    from: null,
    replayed: false,
    cached: false,
    args: [],
    ...changes,
  }
}

function aRecord(changes: Partial<LogRecord> = {}): LogRecord {
  return { id: 'l1', flowRunId: 'r1', taskRunId: null, logger: 'hello', level: 20, message: 'good morning', timestamp: T0, ...changes }
}

const ended = (type: 'completed' | 'failed' | 'crashed' | 'cancelled', message: string | null = null) => ({
  ...aState(type, { timestamp: after(T0, 1200) }),
  message,
})

const failed = { ...aState('failed', { timestamp: T0 }), message: 'no such word' }
const retried = { ...aState('scheduled', { timestamp: T0, scheduledFor: after(T0, 5000) }), message: 'no such word' }

test('where output is kept, a run is told of in plain lines: that it started, its log, how it ended', () => {
  const screen = new FakeScreen()
  const { flowRun, taskRun, log } = reporterOn(screen)

  flowRun()
  log()
  taskRun({ state: aState('completed'), from: 'running' })
  taskRun({ state: aState('completed'), replayed: true })
  flowRun({ state: ended('completed') })

  expect(screen.lines).toEqual([
    '03:04:05.678 flow run cheerful-otter of hello (r1) started',
    '03:04:05.678 info  hello  good morning',
    '03:04:06.878 Completed cheerful-otter in 1.2 s · 2 tasks (1 called, 1 replayed)',
  ])
  expect(screen.stdout).toBe('')
})

test('a run that goes on says how much of it is on record', () => {
  const screen = new FakeScreen()
  const { flowRun } = reporterOn(screen)

  flowRun({ attempt: 2, replaying: 1 })
  flowRun({ attempt: 3, replaying: 1200 })

  expect(screen.lines).toEqual([
    '03:04:05.678 flow run cheerful-otter of hello (r1) goes on, attempt 2: 1 task run is on record',
    '03:04:05.678 flow run cheerful-otter of hello (r1) goes on, attempt 3: 1,200 task runs are on record',
  ])
})

test('tasks are told of when they fail or are tried again, and of each change at debug level', () => {
  const quiet = new FakeScreen()
  const verbose = new FakeScreen()
  for (const [screen, level] of [
    [quiet, 'info'],
    [verbose, 'debug'],
  ] as const) {
    const { taskRun } = reporterOn(screen, { level })
    taskRun()
    taskRun({ state: retried, from: 'running' })
    taskRun({ state: failed, from: 'running' })
  }

  expect(quiet.lines).toEqual([
    '03:04:05.678 retry task greet-0 failed: no such word; it is tried again in 5 s',
    '03:04:05.678 error task greet-0 failed: no such word',
  ])
  expect(verbose.lines).toEqual(['03:04:05.678 debug task greet-0: Running', ...quiet.lines])
})

test('log lines below the level are not shown', () => {
  const screen = new FakeScreen()
  const { log } = reporterOn(screen, { level: 'warn' })

  log({ level: 20 })
  log({ level: 30, message: 'careful' })

  expect(screen.lines).toEqual(['03:04:05.678 warn  hello  careful'])
})

test('further lines of a message are indented', () => {
  const screen = new FakeScreen()
  reporterOn(screen).log({ message: 'one\ntwo' })

  expect(screen.lines).toEqual(['03:04:05.678 info  hello  one', '    two'])
})

test('a failed run shows where its error came from without frames of Tutti and Node, what to do, and how to retry it', () => {
  const screen = new FakeScreen()
  const cause = new TypeError('no such word')
  cause.stack = [
    'TypeError: no such word',
    '    at find (/home/ada/words.ts:3:5)',
    '    at call (/home/ada/node_modules/tutti/dist/engine/task-call.js:1:1)',
    '    at run (node:internal/async:1:1)',
  ].join('\n')
  const error = new TuttiError('MAP_FAILED', '1 of 4 calls failed', { cause })
  error.stack = 'TuttiError: 1 of 4 calls failed'
  const { flowRun } = reporterOn(screen)

  flowRun()
  flowRun({ state: ended('failed', '1 of 4 calls failed'), error })

  expect(screen.lines.slice(1)).toEqual([
    '03:04:06.878 Failed cheerful-otter after 1.2 s · no tasks: 1 of 4 calls failed',
    `    ${error.fix} [MAP_FAILED]`,
    '    caused by TypeError: no such word',
    '    at find (/home/ada/words.ts:3:5)',
    '    Continue it with: tutti flow-run retry r1',
  ])
})

test.each(['crashed', 'cancelled'] as const)('a %s run says how to resume it', (type) => {
  const screen = new FakeScreen()
  const { flowRun } = reporterOn(screen)

  flowRun()
  flowRun({ state: ended(type, 'the process got SIGINT') })

  expect(screen.lines.at(-1)).toBe('    Continue it with: tutti flow-run resume r1')
})

test('sub-flow runs count into their root run, and are told of only when they do not complete', () => {
  const screen = new FakeScreen()
  const { flowRun, taskRun } = reporterOn(screen)
  const child = { id: 'r2', name: 'inner', parentFlowRunId: 'r1' }

  flowRun()
  flowRun(child)
  taskRun({ flowRunId: 'r2', state: aState('completed'), from: 'running' })
  flowRun({ ...child, state: ended('completed') })
  flowRun({ ...child, id: 'r3' })
  flowRun({ ...child, id: 'r3', state: ended('failed', 'no such word') })
  flowRun({ state: ended('completed') })

  expect(screen.lines.slice(1)).toEqual([
    '03:04:06.878 Failed sub-flow run inner: no such word',
    '03:04:06.878 Completed cheerful-otter in 1.2 s · 1 task (1 called)',
  ])
})

test('a run that waits says that it goes on, not that it started again', () => {
  const screen = new FakeScreen()
  const reporter = reporterOn(screen)
  reporter.flowRun()
  reporter.flowRun({ state: aState('paused', { timestamp: T0 }) })
  reporter.flowRun({ state: aState('running', { timestamp: T0 }) })

  expect(screen.stderr.match(/started/g)).toHaveLength(1)
  expect(screen.stderr).toContain('flow run cheerful-otter goes on')
})

test('a run that gives its process back is not waited for, and says who goes on with it', async () => {
  const screen = new FakeScreen()
  const reporter = reporterOn(screen)
  reporter.flowRun()
  reporter.flowRun({ state: { ...aState('scheduled', { name: 'Sleeping', timestamp: T0 }), message: 'sleeps until tomorrow' } })
  await reporter.advance(60_000)

  expect(screen.stderr).toContain('Sleeping cheerful-otter (r1): sleeps until tomorrow; a worker goes on with it')
  expect(screen.stderr.trimEnd().split('\n')).toHaveLength(2)
})

test('a long run in plain lines says every ten seconds where it stands', async () => {
  const screen = new FakeScreen()
  const { flowRun, taskRun, advance } = reporterOn(screen)

  flowRun()
  taskRun()
  await advance(25_000)

  expect(screen.lines.slice(1)).toEqual(['  cheerful-otter: 1 running · 10 s', '  cheerful-otter: 1 running · 20 s'])
})

test('on a terminal the last line is how the run stands now, below its log', async () => {
  const screen = new FakeScreen({ live: true })
  const { flowRun, taskRun, log, advance } = reporterOn(screen)

  flowRun()
  taskRun()
  await advance(100)
  expect(screen.lines.slice(1)).toEqual(['  cheerful-otter: 1 running · 100 ms'])

  taskRun({ state: retried, from: 'running' })
  log()
  await advance(100)
  expect(screen.lines.slice(2)).toEqual(['03:04:05.678 info  hello  good morning', '  cheerful-otter: 1 waiting for a retry · 200 ms'])

  flowRun({ state: ended('completed') })
  expect(screen.lines.slice(3)).toEqual(['03:04:06.878 Completed cheerful-otter in 1.2 s · no tasks'])
  expect(screen.watched).toBe(false)
})

test('what the user prints goes above the live lines, and an unfinished line is not torn', async () => {
  const screen = new FakeScreen({ live: true })
  const { flowRun, log, advance } = reporterOn(screen)
  flowRun()
  await advance(100)

  screen.otherWrites('from the flow\n')
  await advance(100)
  expect(screen.lines.slice(1)).toEqual(['from the flow', '  cheerful-otter: no task yet · 200 ms'])

  screen.otherWrites('half')
  await advance(100)
  expect(screen.lines.slice(1)).toEqual(['from the flow', 'half'])

  log()
  expect(screen.lines.slice(2)).toEqual(['half', '03:04:05.678 info  hello  good morning', '  cheerful-otter: no task yet · 300 ms'])

  screen.otherWrites('again')
  flowRun({ state: ended('completed') })
  expect(screen.lines.slice(-2)).toEqual(['again', '03:04:06.878 Completed cheerful-otter in 1.2 s · no tasks'])
})

test('live lines fit a narrow terminal, and nothing of them is left when it becomes narrower', async () => {
  const screen = new FakeScreen({ live: true, columns: 20 })
  const { flowRun, advance } = reporterOn(screen)
  flowRun({ name: '日本の\nカワウソ' })
  await advance(100)
  expect(screen.lines.at(-1)).toBe('  日本の カワウソ: …')

  screen.columns = 10
  await advance(100)
  expect(screen.stderr).toContain('\u001B[2F\u001B[0J')
})

test('of many runs at once the first eight are shown and the rest are counted', async () => {
  const screen = new FakeScreen({ live: true })
  const { flowRun, advance } = reporterOn(screen)
  for (let at = 0; at < 11; at++) flowRun({ id: `r${at}`, name: `run-${at}` })
  await advance(100)

  expect(screen.lines.slice(11)).toHaveLength(9)
  expect(screen.lines.at(-1)).toBe('  and 3 more flow runs')
})

test('25,000 task events cost one painting', async () => {
  const screen = new FakeScreen({ live: true })
  const { flowRun, taskRun, advance } = reporterOn(screen)
  flowRun()
  const before = screen.stderr.length
  for (let at = 0; at < 25_000; at++) taskRun({ state: aState('completed'), from: null })
  expect(screen.stderr).toHaveLength(before)

  await advance(100)
  expect(screen.lines.slice(1)).toEqual(['  cheerful-otter: 25,000 completed · 250,000/s · 100 ms'])
})

test('JSON lines go to stdout, one per event, with times in ISO 8601', () => {
  const screen = new FakeScreen({ live: true, colours: true })
  const { flowRun, taskRun, log } = reporterOn(screen, { format: 'json' })

  flowRun()
  taskRun({ state: retried })
  log()
  log({ level: 10 })

  const lines = screen.stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  const timestamp = new Date(T0 / 1000).toISOString().replace('Z', '000Z')
  expect(lines).toMatchObject([
    { type: 'flow-run', id: 'r1', state: { type: 'running', timestamp }, attempt: 1 },
    { type: 'task-run', id: 't1', flowRunId: 'r1', state: { type: 'scheduled', message: 'no such word' } },
    { type: 'log', flowRunId: 'r1', level: 'info', message: 'good morning', timestamp },
  ])
  expect(screen.stderr).toBe('')
})

test('colours are used only where they are seen', () => {
  const plain = new FakeScreen({ colours: true })
  const pretty = new FakeScreen({ live: true, colours: true })
  for (const screen of [plain, pretty]) reporterOn(screen).log()

  expect(plain.stderr).not.toContain('\u001B[')
  expect(pretty.stderr).toContain('\u001B[36minfo')
})

/** A terminal for tests: what was written, and what a person would see of it. */
class FakeScreen implements Screen {
  readonly live: boolean
  readonly colours: boolean
  columns: number
  stdout = ''
  stderr = ''
  #before: (() => void) | undefined
  #after: ((atLineStart: boolean) => void) | undefined

  constructor({ live = false, colours = false, columns = 80 }: Partial<Pick<Screen, 'live' | 'colours' | 'columns'>> = {}) {
    this.live = live
    this.colours = colours
    this.columns = columns
  }

  out(text: string): void {
    this.stdout += text
  }

  err(text: string): void {
    this.stderr += text
  }

  watch(before: () => void, after: (atLineStart: boolean) => void): () => void {
    this.#before = before
    this.#after = after
    return () => {
      this.#before = undefined
      this.#after = undefined
    }
  }

  /** Whether somebody looks at what others write. */
  get watched(): boolean {
    return this.#before !== undefined
  }

  /** What the user's own code prints. */
  otherWrites(text: string): void {
    this.#before?.()
    this.stderr += text
    this.#after?.(text.endsWith('\n'))
  }

  /** The lines on the terminal, after what moved the cursor up and erased from there. */
  get lines(): readonly string[] {
    let lines = ['']
    for (const part of this.stderr.split(CURSOR)) {
      const up = UP.exec(part)?.[1]
      if (up !== undefined) lines = lines.slice(0, Math.max(0, lines.length - Number(up)))
      else if (part === '\u001B[0J') lines = [...lines.slice(0, -1), '']
      else if (part === '\n') lines.push('')
      else if (part !== '') lines = [...lines.slice(0, -1), `${lines.at(-1) ?? ''}${part}`]
    }
    return lines.at(-1) === '' ? lines.slice(0, -1) : lines
  }
}
