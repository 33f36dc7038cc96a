import { z } from 'zod'
import { RESOURCE_ID, RESOURCE_ROLE } from '../core/event.ts'
import type { Event } from '../core/event.ts'
import { stateFrom } from '../core/proposal.ts'
import type { TaskRunReport } from '../core/told-task-run.ts'
import { parseLiterally } from '../core/literal-json.ts'
import { stateTold } from './states.ts'
import { taskRunPolicy } from './task-runs.ts'
import { instant, integer, jsonObject, labels, seconds, tags, uuid } from './values.ts'

const PREFIX = 'prefect.task-run.'

const payload = z.object({
  validated_state: stateTold,
  task_run: z.object({
    name: z.string().nullish(),
    task_key: z.string(),
    dynamic_key: z.string(),
    cache_key: z.string().nullish(),
    cache_expiration: instant.nullish(),
    task_version: z.string().nullish(),
    empirical_policy: taskRunPolicy.nullish(),
    tags: tags.nullish(),
    labels: labels.nullish(),
    task_inputs: jsonObject.nullish(),
    run_count: integer.nullish(),
    flow_run_run_count: integer.nullish(),
    expected_start_time: instant.nullish(),
    start_time: instant.nullish(),
    end_time: instant.nullish(),
    total_run_time: seconds.nullish(),
  }),
})

/** What an event says of a task run that its client orchestrates; `null` for all other events, and for one that cannot be read. */
export function reportOf(event: Event): TaskRunReport | null {
  if (!event.name.startsWith(PREFIX) || event.resource['prefect.orchestration'] !== 'client') return null
  const id = idIn(event.resource[RESOURCE_ID], PREFIX)
  const read = payload.safeParse(parseLiterally(event.payload.text))
  if (id === null || !read.success) return null
  const { validated_state: state, task_run: run } = read.data
  const flowRun = event.related.find((each) => each[RESOURCE_ROLE] === 'flow-run')
  const said = {
    name: run.name,
    tags: run.tags,
    labels: run.labels,
    taskInputs: run.task_inputs,
    cacheKey: run.cache_key,
    cacheExpiration: run.cache_expiration,
    taskVersion: run.task_version,
    policy: run.empirical_policy,
    runCount: run.run_count,
    flowRunRunCount: run.flow_run_run_count,
    expectedAt: run.expected_start_time,
    startedAt: run.start_time,
    endedAt: run.end_time,
    totalRunMs: run.total_run_time === null || run.total_run_time === undefined ? undefined : run.total_run_time * 1000,
  }
  return {
    id,
    flowRunId: flowRun === undefined ? null : idIn(flowRun[RESOURCE_ID], 'prefect.flow-run.'),
    state: stateFrom(state, event.id, event.occurredAt),
    taskKey: run.task_key,
    dynamicKey: run.dynamic_key,
    ...(Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null && value !== undefined)) as Partial<TaskRunReport>), // the keys above
  }
}

function idIn(resourceId: string | undefined, prefix: string): string | null {
  if (resourceId?.startsWith(prefix) !== true) return null
  return uuid.safeParse(resourceId.slice(prefix.length)).data ?? null
}
