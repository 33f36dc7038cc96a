import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../scripts/processes.ts'
import { ensureBuilt } from '../build.ts'
import { environmentWithoutSettings } from '../child.ts'
import { round } from '../statistics.ts'
import type { BenchContext, Workload } from '../workload.ts'

interface Program {
  readonly case: string
  readonly args: readonly string[]
  readonly prints: string
}

const folder = path.join(import.meta.dirname, '..', 'cold-start')
const nothing: Program = { case: 'node', args: ['--eval', ''], prints: '' }
const programs: readonly Program[] = [
  { case: 'tutti --help', args: [path.join(root, 'packages', 'tutti', 'bin', 'tutti.js'), '--help'], prints: 'tutti' },
  { case: 'one-task script', args: [path.join(folder, 'one-task.js')], prints: 'Hello, Ada!' },
]
const preload = ['--import', path.join(folder, 'report-memory.js')]

const TIMEOUT_MS = 30_000

/** W6: from the start of a process to its end, with the package as users get it. Its floor is Node with nothing to do. */
export const coldStart: Workload = {
  name: 'W6',
  about: 'cold start of the built package; the floor is Node with nothing to do',
  async measure(context) {
    await ensureBuilt()
    // The command keeps compiled code in the folder for temporary files: repeat 0 finds none.
    const temporary = path.join(context.folder, 'cold-start')
    mkdirSync(temporary)
    const env = { ...environmentWithoutSettings(), TMPDIR: temporary, TUTTI_HOME: path.join(temporary, 'home') }
    for (let repeat = 0; repeat <= context.repeats; repeat++) {
      for (const program of programs) measureProgram(program, repeat, env, context)
    }
  },
}

function measureProgram(program: Program, repeat: number, env: NodeJS.ProcessEnv, { tell }: BenchContext): void {
  const floorMs = start(nothing, env).totalMs
  const { totalMs } = start(program, env)
  const { rss } = start({ ...program, args: [...preload, ...program.args] }, env)
  tell({ of: 'workload', case: program.case, repeat, total_ms: round(totalMs, 2), rss_mb: round(rss / 2 ** 20) })
  tell({ of: 'floor', case: program.case, repeat, total_ms: round(floorMs, 2) })
}

function start({ case: name, args, prints }: Program, env: NodeJS.ProcessEnv): { readonly totalMs: number; readonly rss: number } {
  const startedAt = performance.now()
  const { status, error, output } = spawnSync(process.execPath, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  })
  const totalMs = performance.now() - startedAt
  if (status !== 0 || !(output[1] ?? '').includes(prints))
    throw new Error(`${name} ended with exit code ${status}: ${error?.message ?? output[2]}`)
  return { totalMs, rss: Number(output[3] ?? 0) }
}
