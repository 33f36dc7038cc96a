import type { RunFuture, Tutti } from '../../index.ts'
import { defineCommand } from '../command.ts'
import { findRun, withTutti } from '../connection.ts'
import { loadFlow, loadFlowOf, looksLikeFlowFile } from '../flow-file.ts'
import { followOptions, followRun } from '../follow-run.ts'
import { readParameters } from '../parameters.ts'
import { printLine } from '../print.ts'
import { newestUnfinished, offerUnfinished } from '../unfinished.ts'
import { UsageError } from '../usage-error.ts'
import type { World } from '../world.ts'

const options = {
  param: {
    short: 'p',
    value: 'NAME=VALUE',
    repeatable: true,
    doc: 'A parameter of the flow: day=2026-01-31, filter.open=true, tag=a tag=b',
  },
  params: { value: 'FILE', doc: 'Parameters as JSON, from a file or - for the standard input' },
  name: { value: 'NAME', doc: 'Name of the run' },
  tag: { short: 't', value: 'TAG', repeatable: true, doc: 'A tag for the run' },
  idempotencyKey: { value: 'KEY', doc: 'A second run with the same key continues or returns the first' },
  resume: { value: 'RUN', valueOptional: true, doc: 'Continue this run, or the newest unfinished one, instead of beginning another' },
  ...followOptions,
} as const

/** What was typed. */
interface Typed {
  readonly param: readonly string[]
  readonly params: string | undefined
  readonly name: string | undefined
  readonly tag: readonly string[]
  readonly idempotencyKey: string | undefined
}

export const run = defineCommand({
  about:
    'Exit codes: 0 completed, 1 failed or crashed, 2 wrong command line, 130 cancelled.\n' +
    'Ctrl-C cancels the run, a second Ctrl-C ends it at once; finished task runs are kept and are not repeated on resume.',
  arguments: { file: { doc: 'flow.ts, or flow.ts:name when it exports several flows', optional: true } },
  options,
  examples: [
    { command: 'tutti run flow.ts --param day=2026-01-31', doc: 'Run with a parameter' },
    { command: 'tutti run flow.ts:sync --params input.json', doc: 'Run one flow of several, with parameters from a file' },
    { command: 'tutti run --resume', doc: 'Continue the newest unfinished run' },
  ],
  run: async (world, { arguments: { file: given }, options: typed }) => {
    const { file, resume } = readTarget(given, typed.resume)
    if (resume !== undefined) refuseNewRunOptions(typed)
    return withTutti(world, async (tutti) => {
      const begin =
        resume === undefined
          ? await newRun(world, tutti, file ?? '', typed, typed.json || typed.quiet)
          : await oldRun(world, tutti, resume, file)
      return followRun(world, tutti, typed, begin)
    })
  },
})

/** `--resume flow.ts` reads like a run named flow.ts; it is the file. */
function readTarget(
  file: string | undefined,
  resume: string | true | undefined,
): { file: string | undefined; resume: string | true | undefined } {
  if (file === undefined && typeof resume === 'string' && looksLikeFlowFile(resume)) return { file: resume, resume: true }
  if (file === undefined && resume === undefined)
    throw new UsageError('tutti run needs a file', 'Name the file that exports the flow, as in `tutti run flow.ts`.')
  return { file, resume }
}

function refuseNewRunOptions(typed: Typed): void {
  const given = [
    ['--param', typed.param.length > 0],
    ['--params', typed.params !== undefined],
    ['--name', typed.name !== undefined],
    ['--tag', typed.tag.length > 0],
    ['--idempotency-key', typed.idempotencyKey !== undefined],
  ] as const
  const wrong = given.find(([, isGiven]) => isGiven)
  if (wrong !== undefined)
    throw new UsageError(
      `${wrong[0]} cannot be given with --resume: a resumed run keeps what it began with`,
      'Leave it out, or begin a new run without --resume.',
    )
}

async function newRun(world: World, tutti: Tutti, file: string, typed: Typed, scripted: boolean): Promise<() => RunFuture<unknown>> {
  const { flow, entrypoint } = await loadFlow(tutti, file)
  const parameters = await readParameters(world, flow, { pairs: typed.param, file: typed.params })
  if (typed.idempotencyKey === undefined) {
    // Who gives parameters has a new run in mind.
    const mayAsk = !scripted && typed.param.length === 0 && typed.params === undefined
    const unfinished = await offerUnfinished(world, tutti, flow.definition.name, mayAsk)
    if (unfinished !== undefined) return () => tutti.resume(flow, unfinished.id)
  }
  return () =>
    tutti.run(flow, parameters, {
      entrypoint,
      tags: typed.tag,
      ...(typed.name !== undefined && { name: typed.name }),
      ...(typed.idempotencyKey !== undefined && { idempotencyKey: typed.idempotencyKey }),
    })
}

async function oldRun(world: World, tutti: Tutti, which: string | true, file: string | undefined): Promise<() => RunFuture<unknown>> {
  if (which === true && file !== undefined) {
    const { flow } = await loadFlow(tutti, file)
    const unfinished = await newestUnfinished(tutti, flow.definition.name)
    return () => tutti.resume(flow, unfinished.id)
  }
  const unfinished = which === true ? await newestUnfinished(tutti, undefined) : await findRun(tutti, which)
  if (which === true) printLine(world.errors, `Continuing ${unfinished.name} of ${unfinished.flowName} (${unfinished.id}).`)
  const flow = await loadFlowOf(tutti, unfinished, file)
  return () => tutti.resume(flow, unfinished.id)
}
