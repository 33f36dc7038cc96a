import { coerceCliParameters } from '../../core/cli-parameters.ts'
import type { FlowRun } from '../../core/flow-run.ts'
import type { RerunPlan, RerunRequest } from '../../core/rerun.ts'
import type { Tutti } from '../../index.ts'
import { defineCommand } from '../command.ts'
import type { OptionSpecs } from '../command.ts'
import { findRun, withTutti } from '../connection.ts'
import { loadFlowOf } from '../flow-file.ts'
import { followOptions, followRun } from '../follow-run.ts'
import { runArgument } from '../options.ts'
import { readParameters } from '../parameters.ts'
import { paint, printJson, printLine } from '../print.ts'
import { UsageError } from '../usage-error.ts'
import type { World } from '../world.ts'

/** Where a run that ended goes on; shared with `tutti flow-run retry`. */
export const fromOptions = {
  from: {
    value: 'TASK',
    doc: 'The first task that runs again, with all that came after it: id or name of a task run, or name of a task (its first call)',
  },
  result: { value: 'TASK=JSON', repeatable: true, doc: 'Take this for the result of a task; what came after it runs again' },
  plan: { doc: 'Only show what would be reused and what would run again' },
} as const satisfies OptionSpecs

const options = {
  ...fromOptions,
  from: { ...fromOptions.from, doc: `${fromOptions.from.doc}; start: everything` },
  param: { short: 'p', value: 'NAME=VALUE', repeatable: true, doc: 'Another value of a parameter' },
  code: { value: 'WHICH', choices: ['same', 'newest'], doc: 'Of a run of a deployment: the code it ran with (default), or the newest' },
  name: { value: 'NAME', doc: 'Name of the new run' },
  file: { value: 'FILE', doc: 'Where the flow is now, as flow.ts or flow.ts:name; default: where the run came from' },
  ...followOptions,
} as const

interface Typed {
  readonly from: string | undefined
  readonly result: readonly string[]
  readonly plan: boolean
  readonly param: readonly string[]
  readonly code: 'same' | 'newest' | undefined
  readonly name: string | undefined
  readonly file: string | undefined
}

export const rerun = defineCommand({
  about:
    'Makes a new run, linked to the one before it. What is reused is replayed and not called again; without --from, --param and --result everything runs again. ' +
    'A run of a deployment is left to its workers, any other runs here.\nExit codes: 0 completed, 1 failed or crashed, 130 cancelled.',
  arguments: { run: runArgument },
  options,
  examples: [
    { command: 'tutti flow-run rerun brave-otter --from load --plan', doc: 'See what would be reused' },
    { command: 'tutti flow-run rerun brave-otter --param day=2026-01-31', doc: 'Run again what another day changes' },
    { command: `tutti flow-run rerun brave-otter --result fetch='{"rows":[]}'`, doc: 'Go on as if a task had returned this' },
  ],
  run: (world, { arguments: { run: reference }, options: typed }) =>
    withTutti(world, async (tutti) => {
      const run = await findRun(tutti, reference)
      const results = resultsOf(typed.result)
      if (typed.plan) return showPlan(world, tutti, run, { ...requestOf(typed, results), json: typed.json })
      if (isDeployed(run)) return leaveToWorker(world, tutti, run, { ...requestOf(typed, results), json: typed.json })
      const flow = await loadFlowOf(tutti, run, typed.file)
      const parameters = typed.param.length === 0 ? undefined : await readParameters(world, flow, { pairs: typed.param, file: undefined })
      return followRun(world, tutti, typed, () =>
        tutti.rerun(flow, run.id, {
          ...(typed.from === undefined ? undefined : { from: typed.from }),
          ...(typed.name === undefined ? undefined : { name: typed.name }),
          ...(parameters === undefined ? undefined : { parameters: parameters as Readonly<Record<string, unknown>> }), // made of pairs
          ...(results.size === 0 ? undefined : { results: Object.fromEntries(results) }),
        }),
      )
    }),
})

/** A run of a deployment is started by its workers, wherever they are. */
export function isDeployed({ dispatch }: FlowRun): boolean {
  return (dispatch?.deploymentId ?? null) !== null
}

type Asked = RerunRequest & { readonly json: boolean }

export async function leaveToWorker({ output }: World, tutti: Tutti, run: FlowRun, { json, ...request }: Asked): Promise<number> {
  const { run: made, plan } = await tutti.orchestrator.flowRuns.rerun(run.id, request)
  if (json) printJson(output, { id: made.id, name: made.name, plan: planJson(plan) })
  else printLine(output, `${made.name} (${made.id}) waits for a worker: ${summary(plan)}.`)
  return 0
}

function requestOf({ from, param, code, name }: Typed, results: ReadonlyMap<string, unknown>): RerunRequest {
  return {
    from: from ?? null,
    parameters: param.length === 0 ? null : { type: 'merge', text: JSON.stringify(coerceCliParameters(param, undefined)) },
    results: storedResults(results),
    code: code ?? 'same',
    id: null,
    name: name ?? null,
    how: 'new run',
  }
}

export function storedResults(results: ReadonlyMap<string, unknown>): RerunRequest['results'] {
  return [...results].map(([task, value]) => ({ task, stored: { format: 'json', text: JSON.stringify(value) } }))
}

/** Results as typed: `TASK=JSON`. */
export function resultsOf(typed: readonly string[]): ReadonlyMap<string, unknown> {
  return new Map(
    typed.map((text) => {
      const at = text.indexOf('=')
      const task = text.slice(0, at)
      if (at < 1) throw new UsageError(`'${text}' names no task and result`, `Write it as in --result fetch='{"rows": 3}'.`)
      try {
        return [task, JSON.parse(text.slice(at + 1)) as unknown]
      } catch {
        throw new UsageError(`the result for ${task} is not JSON`, `Write it as in --result ${task}='{"rows": 3}', text in double quotes.`)
      }
    }),
  )
}

const SHOWN_MAX = 50

/** Prints what running the run again would do. */
export async function showPlan({ output }: World, tutti: Tutti, run: FlowRun, { json, ...request }: Asked): Promise<number> {
  const plan = await tutti.orchestrator.flowRuns.planRerun(run.id, request)
  if (json) {
    printJson(output, planJson(plan))
    return 0
  }
  printLine(output, `${run.name} (${run.id}): ${summary(plan)}.`)
  const lines = [
    ...plan.reused.map(({ name, supplied }) => `${paint(output, 'green', supplied ? 'supplied' : 'reused')}  ${name}`),
    ...plan.again.map(({ name, because }) => `${paint(output, 'yellow', 'again')}  ${name}  ${paint(output, 'dim', because)}`),
  ]
  for (const line of lines.slice(0, SHOWN_MAX)) printLine(output, `  ${line}`)
  if (lines.length > SHOWN_MAX) printLine(output, `  and ${lines.length - SHOWN_MAX} more (--json prints all)`)
  return 0
}

function summary({ reused, again }: RerunPlan): string {
  return `${count(reused.length)} reused, ${again.length} to run again`
}

function count(number: number): string {
  return number === 1 ? '1 task run' : `${number} task runs`
}

function planJson({ how, reused, again }: RerunPlan): object {
  return { how, reused, again }
}
