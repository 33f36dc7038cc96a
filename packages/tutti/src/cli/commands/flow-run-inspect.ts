import { describeActor } from '../../core/actor.ts'
import type { FlowRun } from '../../core/flow-run.ts'
import { describeHolder } from '../../core/flow-run.ts'
import { isTerminal } from '../../core/state.ts'
import type { State, StateType } from '../../core/state.ts'
import type { TaskRun } from '../../core/task-run.ts'
import type { OpenWait } from '../../core/wait.ts'
import { formatInstant } from '../../core/time.ts'
import type { Tutti } from '../../index.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { findRun, withTutti } from '../connection.ts'
import { errorJson, messageOf } from '../error-report.ts'
import { clockTime } from '../moment.ts'
import { runArgument } from '../options.ts'
import { paint, paintState, printFields, printJson, printLine } from '../print.ts'
import { inputFields } from '../run-input.ts'
import { flowRunJson, stateJson, taskRunJson } from '../run-json.ts'
import { addressJson, readError, readValue, showValue, valueJson } from '../stored-values.ts'
import type { ReadValue } from '../stored-values.ts'
import type { Output, World } from '../world.ts'
import { runTime } from './flow-run-ls.ts'

/** Task runs that did not go well, as many as fit a screen. */
const TROUBLED_MAX = 20

export const inspect = defineCommand({
  arguments: { run: runArgument },
  options: { json: jsonOption },
  examples: [{ command: 'tutti flow-run inspect brave-otter', doc: 'The newest run of that name' }],
  run: (world, { arguments: { run: reference }, options }) =>
    withTutti(world, async (tutti) => {
      const facts = await readFacts(tutti, await findRun(tutti, reference))
      if (options.json) printJson(world.output, factsJson(facts))
      else show(world, facts)
      return 0
    }),
})

interface Facts {
  readonly run: FlowRun
  readonly states: readonly State[]
  readonly taskRuns: Readonly<Partial<Record<StateType, number>>>
  readonly troubled: readonly TaskRun[]
  /** Waits that have begun, with what somebody has to give. */
  readonly waits: readonly { readonly wait: TaskRun; readonly asked: OpenWait | null }[]
  /** Sub-flow runs that wait for somebody, who has to answer them. */
  readonly pausedBelow: readonly FlowRun[]
  readonly parameters: ReadValue
  readonly result: ReadValue
}

async function readFacts(tutti: Tutti, run: FlowRun): Promise<Facts> {
  const { flowRuns, taskRuns } = tutti.orchestrator
  const troubled = await taskRuns.list({ flowRunId: run.id, states: ['failed', 'crashed', 'cancelled'], limit: TROUBLED_MAX })
  const open = isTerminal(run.state.type) ? null : await tutti.orchestrator.waits.open(run.id)
  const scheduled = await taskRuns.list({ flowRunId: run.id, states: ['scheduled'], limit: TROUBLED_MAX })
  const running = await taskRuns.list({ flowRunId: run.id, states: ['running'], limit: TROUBLED_MAX })
  const below = await Promise.all(running.items.flatMap(({ childFlowRunId: id }) => (id === null ? [] : [flowRuns.get(id)])))
  const waits = scheduled.items.filter(({ taskKey }) => taskKey.startsWith('wait:'))
  return {
    run,
    pausedBelow: below.filter(({ state }) => state.type === 'paused'),
    waits: waits.map((wait) => ({ wait, asked: open?.waitId === wait.id ? open : null })),
    states: await flowRuns.states(run.id),
    taskRuns: await taskRuns.countByState(run.id),
    troubled: troubled.items,
    parameters: await readValue(tutti, run.id, run.parameters),
    result: await readValue(tutti, run.id, run.state.type === 'completed' ? run.outcome : null),
  }
}

function factsJson({ run, states, taskRuns, troubled, waits, pausedBelow, parameters, result }: Facts): object {
  return {
    ...flowRunJson(run),
    parameters: valueJson(parameters),
    result: run.state.type === 'completed' ? valueJson(result) : null,
    resultAddress: addressJson(result),
    error: run.state.type === 'failed' ? errorJson(readError(run.outcome)) : null,
    taskRuns,
    waits: waits.map(waitJson),
    pausedSubFlowRuns: pausedBelow.map(flowRunJson),
    troubledTaskRuns: troubled.map(taskRunJson),
    states: states.map((state) => ({ ...stateJson(state), actor: state.actor ?? null })),
  }
}

function show(world: World, { run, states, taskRuns, troubled, waits, pausedBelow, parameters, result }: Facts): void {
  const { output } = world
  const now = world.clock.now()
  printFields(output, [
    ['Flow run', paint(output, 'bold', run.name)],
    ['Id', run.id],
    ['Flow', run.version === null ? run.flowName : `${run.flowName} (version ${run.version})`],
    ['State', stateLine(output, run.state)],
    ['Due', run.state.type === 'scheduled' ? clockTime(run.state.scheduledFor) : undefined],
    ...waits.map((each) => ['Waits for', waitLine(run, each)] as const),
    ...pausedBelow.map(({ name, id, state }) => ['Waits for', `sub-flow run ${name} (${id}): ${state.message ?? state.name}`] as const),
    ['Held by', run.lease === null ? undefined : describeHolder(run.lease.holder)],
    ['Created', clockTime(run.createdAt)],
    ['Started', run.startedAt === null ? undefined : clockTime(run.startedAt)],
    ['Ended', run.endedAt === null ? undefined : clockTime(run.endedAt)],
    ['Ran for', run.startedAt === null ? undefined : runTime(run, now)],
    ['Attempt', run.attempt > 1 ? String(run.attempt) : undefined],
    ['Tags', run.tags.length === 0 ? undefined : run.tags.join(', ')],
    ['Idempotency key', run.idempotencyKey ?? undefined],
    ['From', run.entrypoint ?? undefined],
    ['Sub-flow run of', run.parentTaskRunId === null ? undefined : `${run.rootId} (task run ${run.parentTaskRunId})`],
    ['Parameters', hasValue(parameters) ? showValue(parameters, output.colours) : undefined],
    ['Result', run.state.type === 'completed' && hasValue(result) ? showValue(result, output.colours) : undefined],
    ['Error', run.state.type === 'failed' ? showError(readError(run.outcome)) : undefined],
    ['Task runs', countLine(output, taskRuns)],
  ])
  printLine(output)
  for (const state of states) {
    const by = state.actor === undefined ? '' : paint(output, 'dim', ` by ${describeActor(state.actor)}`)
    printLine(output, `  ${paint(output, 'dim', clockTime(state.timestamp))}  ${stateLine(output, state)}${by}`)
  }
  if (troubled.length === 0) return
  printLine(output)
  for (const each of troubled) printLine(output, `  ${each.name}  ${stateLine(output, each.state)}  ${paint(output, 'dim', each.id)}`)
}

type Waiting = Facts['waits'][number]

function waitJson({ wait, asked }: Waiting): object {
  return {
    taskRunId: wait.id,
    name: wait.name,
    kind: wait.taskKey.slice('wait:'.length),
    until: wait.state.type === 'scheduled' ? formatInstant(wait.state.scheduledFor) : null,
    description: asked?.description ?? null,
    schema: asked?.schema === undefined || asked.schema === null ? null : (JSON.parse(asked.schema) as unknown),
  }
}

function waitLine(run: FlowRun, { wait, asked }: Waiting): string {
  const line = `${wait.name}: ${wait.state.message ?? wait.state.name}`
  if (asked === null) return line
  const fields = asked.schema === null ? undefined : inputFields(asked.schema)
  const input = asked.schema === null ? '' : ' --input …'
  const lines = [line, ...(fields === undefined ? [] : [`it takes ${fields}`]), `give it with: tutti flow-run resume ${run.name}${input}`]
  return lines.join('\n')
}

/** A flow without parameters, or without a result, has none to show. */
function hasValue(read: ReadValue): boolean {
  return read.type === 'unreadable' || read.value !== undefined
}

export function stateLine(to: Output, state: State): string {
  return state.message === null ? paintState(to, state) : `${paintState(to, state)}: ${state.message}`
}

export function showError(error: unknown): string {
  if (error === undefined) return '(it was not kept)'
  return error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : messageOf(error)
}

export function countLine(to: Output, counts: Facts['taskRuns']): string {
  const parts = Object.entries(counts).map(([type, count]) => `${count} ${paintState(to, { type: type as StateType, name: type })}`) // its keys are state types
  return parts.length === 0 ? 'none' : parts.join(', ')
}
