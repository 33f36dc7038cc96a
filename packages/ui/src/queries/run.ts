// One run: everything its page asks. All keys begin with `flow-run` and the run's id, so that whatever happens to it refreshes them.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client } from '../connection.ts'
import type { Answer } from './values.ts'
import type { Client, LiveMessage } from 'tutti/client'

export type Outcome = Answer<Client['flowRuns']['outcome']>
export type RunPlan = Answer<Client['flowRuns']['planRerun']>
export type FoundInLog = Answer<Client['flowRuns']['findInLog']>
export type RunEvent = Answer<Client['events']['list']>['events'][number]
export type RerunBody = NonNullable<Parameters<Client['flowRuns']['rerun']>[0]['body']>

/** Oldest first: when its attempts began, and what cut them off. */
export function runStates(id: string) {
  return queryOptions({
    queryKey: ['flow-run', id, 'states'],
    queryFn: ({ signal }) => client().states.flowRunStates({ flow_run_id: id }, { signal }),
  })
}

export function runExplanation(id: string) {
  return queryOptions({
    queryKey: ['flow-run', id, 'explain'],
    queryFn: ({ signal }) => client().flowRuns.explain({ id }, { signal }),
    staleTime: 5_000,
  })
}

export function runOutcome(id: string) {
  return queryOptions({ queryKey: ['flow-run', id, 'outcome'], queryFn: ({ signal }) => client().flowRuns.outcome({ id }, { signal }) })
}

/** Which task run, as of which of its writes: a later one makes it another question. */
export interface TaskAsked {
  readonly flowRunId: string
  readonly id: string
  readonly sequence: number | undefined
}

export function runTask({ flowRunId, id, sequence }: TaskAsked) {
  return queryOptions({
    queryKey: ['flow-run', flowRunId, 'task-run', id, sequence],
    queryFn: ({ signal }) => client().taskRuns.read({ id }, { signal }),
    placeholderData: (before) => (before?.id === id ? before : undefined),
  })
}

export function taskOutcome({ flowRunId, id, sequence }: TaskAsked) {
  return queryOptions({
    queryKey: ['flow-run', flowRunId, 'task-run', id, 'outcome', sequence],
    queryFn: ({ signal }) => client().taskRuns.outcome({ id }, { signal }),
  })
}

export function taskStates({ flowRunId, id, sequence }: TaskAsked) {
  return queryOptions({
    queryKey: ['flow-run', flowRunId, 'task-run', id, 'states', sequence],
    queryFn: ({ signal }) => client().states.taskRunStates({ task_run_id: id }, { signal }),
  })
}

const ARTIFACTS_MAX = 100

export function runArtifacts(flowRunId: string) {
  return queryOptions({
    queryKey: ['flow-run', flowRunId, 'artifacts'],
    queryFn: ({ signal }) =>
      client().artifacts.list(
        { body: { artifacts: { flow_run_id: { any_: [flowRunId] } }, limit: ARTIFACTS_MAX, offset: 0, sort: 'CREATED_DESC' } },
        { signal },
      ),
  })
}

export function runEvents(flowRunId: string) {
  return infiniteQueryOptions({
    queryKey: ['flow-run', flowRunId, 'events'],
    queryFn: ({ signal, pageParam }) =>
      pageParam === null
        ? client().events.list(
            { body: { filter: { any_resource: { id: [`prefect.flow-run.${flowRunId}`] }, order: 'DESC' }, limit: 50 } },
            { signal },
          )
        : client().events.next({ 'page-token': pageParam }, { signal }),
    initialPageParam: null as string | null, // `null`: the first page
    getNextPageParam: ({ next_page: next }) => (next === null ? null : new URL(next, document.baseURI).searchParams.get('page-token')),
  })
}

/** Names of what a run belongs to. */
export function flowOf(id: string) {
  return queryOptions({ queryKey: ['flows', 'one', id], queryFn: ({ signal }) => client().flows.read({ id }, { signal }) })
}

export function deploymentOf(id: string | null) {
  return queryOptions({
    queryKey: ['deployments', 'one', id],
    queryFn: ({ signal }) => client().deployments.read({ id: id ?? '' }, { signal }),
    enabled: id !== null,
    retry: false,
  })
}

/** The run inside which a sub-flow run was called. */
export function parentOf(taskRunId: string | null) {
  return queryOptions({
    queryKey: ['task-runs', 'parent', taskRunId],
    queryFn: ({ signal }) => client().ui.taskRun({ id: taskRunId ?? '' }, { signal }),
    enabled: taskRunId !== null,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** The JSON Schema and the words of what a paused run waits for. */
export function openInput(flowRunId: string, keys: Readonly<Record<string, string>> | null) {
  const [schema, description] = [keys?.['schema'], keys?.['description']]
  return queryOptions({
    queryKey: ['flow-run', flowRunId, 'input', schema],
    queryFn: async ({ signal }) => {
      const read = async (key: string): Promise<unknown> => JSON.parse(await client().inputs.read({ id: flowRunId, key }, { signal }))
      const [shape, words] = await Promise.all([read(schema ?? ''), description === undefined ? null : read(description)])
      return { schema: shape, description: typeof words === 'string' ? words : null }
    },
    enabled: schema !== undefined,
  })
}

/* ── logs ───────────────────────────────────────────────────────────────────────────────────────── */

export interface LogFilter {
  readonly levelMin: number | undefined
  readonly taskRunId: string | undefined
}

export type LogPlace =
  | { readonly tail: '1' }
  | { readonly around: string }
  | { readonly before: string }
  | { readonly after: string }
  | Record<never, never>

export function logLines(flowRunId: string, place: LogPlace, { levelMin, taskRunId }: LogFilter, limit: number, signal?: AbortSignal) {
  return client().flowRuns.logLines(
    {
      id: flowRunId,
      limit,
      ...place,
      ...(levelMin === undefined ? undefined : { level: levelMin }),
      ...(taskRunId === undefined ? undefined : { task_run_id: taskRunId }),
    },
    signal === undefined ? undefined : { signal },
  )
}

const HITS_MAX = 1_000
const LOOKS_MAX = 50

/** Every line that has a text, as far as a thousand; a long log is looked through in several requests. */
export function findInLog(flowRunId: string, text: string, { levelMin, taskRunId }: LogFilter) {
  return queryOptions({
    queryKey: ['run-log-find', flowRunId, text, levelMin, taskRunId],
    queryFn: async ({ signal }) => {
      const hits: FoundInLog['hits'] = []
      let total = 0
      let cursor: string | null = null
      for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
        const found: FoundInLog = await client().flowRuns.findInLog(
          {
            id: flowRunId,
            text,
            limit: HITS_MAX,
            ...(levelMin === undefined ? undefined : { level: levelMin }),
            ...(taskRunId === undefined ? undefined : { task_run_id: taskRunId }),
            ...(cursor === null ? undefined : { cursor }),
          },
          { signal },
        )
        total += found.hits.length
        hits.push(...found.hits)
        cursor = found.cursor
        if (cursor === null || hits.length >= HITS_MAX) break
      }
      return { hits, total, hasMore: cursor !== null }
    },
    enabled: text !== '',
    staleTime: 0,
  })
}

/** What happens to a run until its end; lines of its log from a place on. */
export function followRun(id: string, after: string | null, signal: AbortSignal): AsyncGenerator<LiveMessage, void> {
  return client().live.flowRun({ id, ...(after === null ? undefined : { after }) }, { signal })
}

export function downloadLog(id: string): Promise<string> {
  return client().flowRuns.downloadLogs({ id })
}

export function downloadResult(id: string, taskRunId: string | undefined): Promise<string> {
  return taskRunId === undefined ? client().flowRuns.result({ id }) : client().taskRuns.result({ id: taskRunId })
}

/* ── changes ────────────────────────────────────────────────────────────────────────────────────── */

/** Whoever proposes a state is told why it was not taken. */
async function propose(
  id: string,
  state: { readonly type: StateType; readonly name?: string; readonly message?: string },
  force = false,
): Promise<void> {
  const { status, details } = await client().flowRuns.setState({ id, body: { state, force } })
  if (status === 'ACCEPT') return
  // A run that nobody holds is cancelled at once, which is what was asked for.
  if (status === 'REJECT' && state.type === 'CANCELLING') {
    const { state_type: now } = await client().flowRuns.read({ id })
    if (now === 'CANCELLED' || now === 'CANCELLING') return
  }
  throw new Error(('reason' in details ? details.reason : null) ?? 'The server did not take it.')
}

type StateType = 'CANCELLING' | 'CANCELLED' | 'PAUSED' | 'SCHEDULED'

const BY_HAND = 'by somebody in the dashboard'

export function cancelRun(id: string): Promise<void> {
  return propose(id, { type: 'CANCELLING', message: `cancelled ${BY_HAND}` })
}

export function forceCancelRun(id: string): Promise<void> {
  return propose(id, { type: 'CANCELLED', message: `cancelled ${BY_HAND}, without waiting for its process` }, true)
}

export function pauseRun(id: string): Promise<void> {
  return propose(id, { type: 'PAUSED', message: `paused ${BY_HAND}` })
}

/** Begins at once what waits for its time. */
export function startRunNow(id: string): Promise<void> {
  return propose(id, { type: 'SCHEDULED', message: `started ${BY_HAND}` }, true)
}

export async function resumeRun(id: string, input: Readonly<Record<string, unknown>> | undefined): Promise<void> {
  const { status, details } = await client().flowRuns.resume({ id, body: input === undefined ? {} : { run_input: { ...input } } })
  if (status !== 'ACCEPT') throw new Error(('reason' in details ? details.reason : null) ?? 'The server did not take it.')
}

export function rerunPlan(id: string, body: RerunBody | undefined) {
  return queryOptions({
    queryKey: ['flow-run', id, 'plan', body],
    queryFn: ({ signal }) => client().flowRuns.planRerun({ id, body: body! }, { signal }),
    enabled: body !== undefined,
    retry: false,
  })
}

export function rerun(id: string, body: RerunBody) {
  return client().flowRuns.rerun({ id, body })
}

export function runAgain({
  id,
  parameters,
  tags,
}: {
  readonly id: string
  readonly parameters: Record<string, unknown>
  readonly tags: readonly string[]
}) {
  return client().deployments.createFlowRun({ id, body: { parameters, tags: [...tags] } })
}

export function deleteRun(id: string): Promise<unknown> {
  return client().flowRuns.remove({ id })
}
