// `npm run demo`: three million flights, from a web source into a bucket and a warehouse, durably.
import { fork } from 'node:child_process'
import { join, relative, resolve } from 'node:path'
import { connect } from 'tutti'
import { z } from 'zod'
import { readCalls } from './calls.ts'
import { chosenFolder, newDemoFolder } from './demo-folder.ts'
import { showRun } from './demo-page.ts'
import { help, readOptions } from './demo-options.ts'
import type { DemoOptions } from './demo-options.ts'
import { number, reportText, table, totalsOf } from './demo-print.ts'
import { runHere } from './demo-process.ts'
import type { DemoOutcome, DemoTask } from './demo-process.ts'
import { startSource } from './source.ts'
import type { Source } from './source.ts'

/** What the crash showed. The calls are lines that the tasks' own functions wrote. */
interface CrashStory {
  readonly foundState: string
  readonly finishedBefore: readonly string[]
  readonly callsBefore: number
  readonly skipped: number
  readonly callsAfter: number
  readonly calledAgain: readonly string[]
}

const { say, tell, result } = printers(process.argv.includes('--json'))

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') return console.log(help)
  if (options.look !== undefined) return showRun(options.look, console.log)
  const root = resolve(import.meta.dirname, '..', '..')
  const startedAt = performance.now()
  const folder =
    options.keep === undefined ? await newDemoFolder(join(root, '.demo'), new Date(), process.pid) : await chosenFolder(options.keep)
  const source = await startSource({
    folder: join(folder, 'web'),
    seed: options.seed,
    delayMs: options.slowMs,
    ...(options.flights !== undefined && { flights: options.flights }),
  })
  try {
    const parameters = { source: source.url, folder, months: options.months, airports: options.airports }
    const count = options.months.length
    say(
      `Tutti loads ${count === 1 ? 'one month' : `${count} months`} of US flights of 2001: from a web server that fails now and then, through cleaning, into Parquet files and a DuckDB warehouse.`,
    )
    if (options.crash) say('Half-way the process kills itself with SIGKILL; a second process then resumes the run.')
    say('')
    const task: DemoTask = { home: join(folder, 'home'), parameters, resume: null, killAfterLoads: null }
    const { outcome, story } = options.crash
      ? await crashAndResume(task, folder, count)
      : { outcome: await runHere(task, tell), story: null }
    finish(options, folder, source, outcome, story, (performance.now() - startedAt) / 1000)
  } finally {
    await source.close()
  }
  if (!options.showAtEnd) return
  say('')
  // Nobody would end it.
  if (process.stdout.isTTY) await showRun(folder, say)
  else say(`See the run in the dashboard: npm run demo -- --look ${relative(root, folder)}`)
}

/** Two processes for one run: the first dies half-way, the second takes over. */
async function crashAndResume(task: DemoTask, folder: string, months: number): Promise<{ outcome: DemoOutcome; story: CrashStory }> {
  const first = await runInChild({ ...task, killAfterLoads: Math.ceil(months / 2) })
  if (first.signal !== 'SIGKILL')
    throw new Error(`the first process was to die of SIGKILL but ended with ${first.signal ?? `exit code ${first.code}`}`)
  tell(`process ${first.pid} killed itself with SIGKILL`)
  say('')

  const found = await lookAtCrashedRun(task.home)
  const before = readCalls(folder)
  say(
    `The run ${found.name} is found ${found.state}: ${found.finished.length} tasks had finished, their functions were called ${before.length} times in all. Resuming it in a second process.`,
  )
  say('')

  const second = await runInChild({ ...task, resume: found.id })
  if (second.outcome === null)
    throw new Error(`the second process ended with ${second.signal ?? `exit code ${second.code}`} before the run did`)
  const after = readCalls(folder).slice(before.length)
  const called = new Set(after.map((call) => `${call.task} ${call.about}`.trim()))
  const story: CrashStory = {
    foundState: found.state,
    finishedBefore: found.finished,
    callsBefore: before.length,
    skipped: second.outcome.skipped.length,
    callsAfter: after.length,
    calledAgain: found.finished.filter((name) => called.has(name)),
  }
  return { outcome: second.outcome, story }
}

/** Opens the store as any later process would: opening it notices runs whose process is gone. */
async function lookAtCrashedRun(home: string): Promise<{ id: string; name: string; state: string; finished: readonly string[] }> {
  const tutti = await connect({ home, print: false })
  try {
    const { items } = await tutti.orchestrator.flowRuns.list({ flowName: 'flights', limit: 1 })
    const [run] = items
    if (run === undefined) throw new Error('the store knows no run of the flow')
    const finished = await tutti.orchestrator.taskRuns.list({ flowRunId: run.id, states: ['completed'], limit: 1000 })
    return { id: run.id, name: run.name, state: run.state.name, finished: finished.items.map((taskRun) => taskRun.name) }
  } finally {
    await tutti.close()
  }
}

interface ChildEnd {
  readonly pid: number
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly outcome: DemoOutcome | null
}

function runInChild(task: DemoTask): Promise<ChildEnd> {
  return new Promise((resolveEnd, reject) => {
    const child = fork(join(import.meta.dirname, 'demo-process.ts'), [JSON.stringify(task)])
    let outcome: DemoOutcome | null = null
    child.on('message', (message: { readonly line?: string; readonly outcome?: DemoOutcome }) => {
      if (message.line !== undefined) tell(message.line)
      if (message.outcome !== undefined) outcome = message.outcome
    })
    child.on('error', reject)
    child.on('close', (code, signal) => resolveEnd({ pid: child.pid ?? 0, code, signal, outcome }))
  })
}

function finish(
  options: DemoOptions,
  folder: string,
  source: Source,
  outcome: DemoOutcome,
  story: CrashStory | null,
  seconds: number,
): void {
  const { report, skipped: _skipped, ...run } = outcome
  const requests = source.requests.length
  const failedRequests = source.requests.filter((request) => request.answer !== 'whole').length
  if (options.json) {
    result({ run, folder, seconds, requests, failedRequests, totals: report && totalsOf(report), report, crash: story })
  } else {
    say('')
    if (report !== null) say(`${reportText(report)}\n`)
    if (story !== null) say(`${storyText(story)}\n`)
    say(`The source failed ${number(failedRequests)} of ${number(requests)} requests; the tasks tried again.`)
    say(`Run ${run.name} (${run.id}) ended ${run.state}${run.message === null ? '' : `: ${run.message}`} after ${seconds.toFixed(1)} s.`)
    say(`Everything is in ${folder}: bucket/ (Parquet), warehouse.duckdb, rejects/ (with reasons), home/ (what Tutti recorded).`)
  }
  if (report === null || (story !== null && story.calledAgain.length > 0)) process.exitCode = 1
}

function storyText(story: CrashStory): string {
  return [
    table(
      ['process', 'tasks skipped', 'functions called'],
      [
        ['first, killed', 0, story.callsBefore],
        ['second, resumed', story.skipped, story.callsAfter],
      ],
    ),
    '',
    `Of the ${story.finishedBefore.length} tasks that had finished before the kill, ${story.calledAgain.length === 0 ? 'none was' : 'these were'} called again${story.calledAgain.length === 0 ? '' : `: ${story.calledAgain.join(', ')}`}.`,
  ].join('\n')
}

/** People read lines; a program that asked for JSON gets one document. */
function printers(json: boolean): {
  readonly say: (line: string) => void
  readonly tell: (line: string) => void
  readonly result: (document: unknown) => void
} {
  const startedAt = performance.now()
  const say = json ? (): void => undefined : (line: string): void => console.log(line)
  return {
    say,
    tell: (line) => say(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`),
    result: (document) => console.log(JSON.stringify(document, null, 2)),
  }
}

try {
  await main()
} catch (error) {
  const message =
    error instanceof z.ZodError
      ? error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n')
      : error instanceof Error
        ? error.message
        : String(error)
  console.error(message)
  process.exitCode = 1
}
