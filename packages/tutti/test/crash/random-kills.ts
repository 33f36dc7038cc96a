// `npm run test:crash -- --kills 50 --seed 1`: kills real processes at random moments, lets others go on with their runs, and counts
// how often a function was started although its result had been committed. That must never happen.
import { parseArgs } from 'node:util'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { CrashHome, RESULT, STEPS } from './crash-home.ts'
import type { ChildEnd } from './crash-home.ts'
import { WINDOWS, windows } from './windows.ts'
import type { Window } from './windows.ts'

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
})
const killsWanted = wholeNumber(values.kills, '--kills')
const seed = wholeNumber(values.seed, '--seed')
const random = seededRandom(seed)
const pick = (below: number): number => Math.floor(random.next() * below)

function wholeNumber(text: string, option: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  console.error(`${option} must be a whole number, not ${text}`)
  process.exit(2)
}

const kills = new Map<string, number>([...windows.map((window): [string, number] => [WINDOWS[window], 0]), ['before the first task', 0]])
let killed = 0
let runs = 0
let calls = 0
let callsAfterCommit = 0
let resultsLost = 0
const wrong: string[] = []

/** One life of a process, which ends by a kill most of the time. */
async function live(home: CrashHome, resume: string | null): Promise<void> {
  const before = home.committed()
  const callsBefore = home.lines('calls').length
  const afterCommitBefore = home.calledAfterCommit().length
  const windowsBefore = home.lines('windows').length
  const moment = pick(5)
  const killAt = moment === 0 || moment === 4 ? null : { window: pickWindow(), time: 1 + pick(3) }
  const end = moment === 0 ? await killFromOutside(home, resume) : await home.run({ resume, killAt })

  const called = home.lines('calls').slice(callsBefore)
  calls += called.length
  // Known from the file after the kill, or else from what the store had told the process that was killed.
  callsAfterCommit += Math.max(called.filter((step) => before.has(step)).length, home.calledAfterCommit().length - afterCommitBefore)
  if (home.lines('result').length > 0) return
  const window = home.lines('windows').length > windowsBefore ? home.lastWindow : undefined
  // Only what was planned is a kill: a process that fails or hangs by itself is a fault.
  const planned = end.signal === 'SIGKILL' && (moment === 0 || (killAt !== null && window === killAt.window))
  if (planned) return count(window)
  throw new Error(
    `seed ${seed}, run ${runs}: a process ended by itself (${end.signal ?? end.code}, ${window ?? 'at its start'}): ${end.errors}`,
  )
}

/** Any window, or the one that was seen least: a window near the end of a run would else be a rare one. */
function pickWindow(): Window {
  const any = windows[pick(windows.length)] ?? 'before-mark'
  if (pick(2) === 0) return any
  const seen = (window: Window): number => kills.get(WINDOWS[window]) ?? 0
  return windows.reduce((least, window) => (seen(window) < seen(least) ? window : least), any)
}

/** At any moment of its life, its start and its end included. */
async function killFromOutside(home: CrashHome, resume: string | null): Promise<ChildEnd> {
  const { child, ended } = home.start({ resume, killAt: null })
  const timer = setTimeout(() => child.kill('SIGKILL'), pick(500))
  const end = await ended
  clearTimeout(timer)
  return end
}

function count(window: Window | undefined): void {
  const name = window === undefined ? 'before the first task' : WINDOWS[window]
  kills.set(name, (kills.get(name) ?? 0) + 1)
  killed += 1
}

/** One flow run, over as many lives as it takes. */
async function playRun(): Promise<void> {
  const home = new CrashHome()
  runs += 1
  try {
    while (home.lines('result').length === 0 && killed < killsWanted) await live(home, home.rootRun()?.id ?? null)
    if (home.lines('result').length === 0) await home.run({ resume: home.rootRun()?.id ?? null, killAt: null })
    check(home)
  } finally {
    home.close()
  }
}

function check(home: CrashHome): void {
  resultsLost += home.lost().length
  const { flowRuns, taskRuns } = home.stored()
  const steps = taskRuns.filter(({ kind }) => kind === 'task').map(({ name, state }) => `${name} ${state}`)
  const right =
    home.lines('result').join() === RESULT &&
    flowRuns.length === 2 &&
    flowRuns.every(({ state }) => state === 'completed') &&
    steps.toSorted().join() ===
      STEPS.map((step) => `${step} completed`)
        .toSorted()
        .join()
  if (!right) wrong.push(`run ${runs}: ${JSON.stringify({ result: home.lines('result'), flowRuns, steps })}`)
}

while (killed < killsWanted) await playRun()

console.log(`seed ${seed}: ${killed} kills in ${runs} flow runs, ${calls} calls of tasks\n`)
for (const [window, times] of kills) console.log(`${String(times).padStart(5)}  killed ${window}`)
console.log(`\ncalls after commit: ${callsAfterCommit}`)
console.log(`acknowledged results lost: ${resultsLost}`)
console.log(`runs that ended wrong: ${wrong.length}`)
for (const line of wrong) console.log(line)

const unseen = windows.filter((window) => kills.get(WINDOWS[window]) === 0)
if (unseen.length > 0) console.log(`no kill ${unseen.map((window) => WINDOWS[window]).join(', nor ')}: give more --kills`)
if (callsAfterCommit > 0 || resultsLost > 0 || wrong.length > 0 || unseen.length > 0) process.exitCode = 1
