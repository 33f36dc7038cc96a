import { useQuery } from '@tanstack/react-query'
import { Archive, Download, FileQuestion, Hourglass } from 'lucide-react'
import type { ReactElement } from 'react'
import { bytes } from '../../../format.ts'
import { Button } from '../../../parts/button.tsx'
import { Empty } from '../../../parts/empty.tsx'
import { Failure, Loading } from '../../../parts/failure.tsx'
import { JsonTree } from '../../../parts/json-tree/json-tree.tsx'
import { countParameters, readParameters, readStored, Typed } from '../../../parts/json-tree/stored-value.ts'
import { Thrown } from '../../../parts/thrown.tsx'
import * as queries from '../../../queries.ts'
import type { Outcome, TaskRunRow } from '../../../queries.ts'
import type { FlowRun } from '../../../queries/values.ts'
import { isTerminal } from '../../../states.ts'
import { save } from '../../../parts/save.ts'

export function ParametersTab({ run }: { readonly run: FlowRun }): ReactElement {
  if (countParameters(run.parameters) === 0) return <Empty icon={FileQuestion} title="This run was given no parameters" />
  return (
    <div className="min-h-0 flex-1 overflow-auto p-3">
      <JsonTree value={readParameters(run.parameters)} label="parameters" />
    </div>
  )
}

export function RunResultTab({ run }: { readonly run: FlowRun }): ReactElement {
  const outcome = useQuery(queries.runOutcome(run.id))
  return (
    <OutcomeView
      outcome={outcome}
      stateType={run.state_type}
      told={run.state?.data}
      message={run.state?.message ?? null}
      onDownload={() => void save(() => queries.downloadResult(run.id, undefined), `${run.name}.json`)}
    />
  )
}

export function TaskResultTab({ flowRunId, task }: { readonly flowRunId: string; readonly task: TaskRunRow }): ReactElement {
  const asked = { flowRunId, id: task.id, sequence: task.sequence }
  const outcome = useQuery(queries.taskOutcome(asked))
  const read = useQuery(queries.runTask(asked))
  return (
    <OutcomeView
      outcome={outcome}
      stateType={task.state_type}
      told={read.data?.state?.data}
      message={task.state_message}
      onDownload={() => void save(() => queries.downloadResult(flowRunId, task.id), `${task.name}.json`)}
    />
  )
}

interface OutcomeViewProps {
  readonly outcome: { readonly data: Outcome | undefined; readonly error: unknown; readonly refetch: () => unknown }
  readonly stateType: string | null
  /** What another client keeps in the state: mostly where its result is. */
  readonly told: unknown
  readonly message: string | null
  readonly onDownload: () => void
}

function OutcomeView({ outcome: { data, error, refetch }, stateType, told, message, onDownload }: OutcomeViewProps): ReactElement {
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Loading />
  if (data.error !== null)
    return (
      <div className="min-h-0 flex-1 overflow-auto p-3">
        <Thrown error={data.error} isOpen />
      </div>
    )
  const { result } = data
  if (!isTerminal(stateType))
    return (
      <Empty icon={Hourglass} title="It has not ended yet">
        What it returns is shown here then.
      </Empty>
    )
  if (result === null || result.format === 'none') {
    if (told !== null && told !== undefined)
      return (
        <div className="min-h-0 flex-1 overflow-auto p-3">
          <p className="pb-2 text-sm text-ink-2">Its client keeps the result itself. This is where:</p>
          <JsonTree value={told} label="reference" />
        </div>
      )
    if (result !== null && result.address !== null)
      return (
        <Empty icon={Archive} title={`The storage of its flow keeps the result, of ${bytes(result.size_bytes)}`}>
          <ResultAddress address={result.address} />
        </Empty>
      )
    return (
      <Empty icon={FileQuestion} title="There is no result">
        {stateType === 'COMPLETED' ? 'It was not kept: the task says so, or it could not be stored.' : (message ?? 'It did not complete.')}
      </Empty>
    )
  }
  if (result.text === null)
    return (
      <Empty
        icon={Download}
        title={`The result takes ${bytes(result.size_bytes)}`}
        action={
          <Button icon={Download} onClick={onDownload}>
            Download
          </Button>
        }
      >
        That is more than is shown here.
      </Empty>
    )
  const value = readStored({ format: result.format, text: result.text })
  if (value instanceof Typed && value.type === 'undefined') return <Empty icon={FileQuestion} title="It returned nothing" />
  return (
    <div className="min-h-0 flex-1 overflow-auto p-3">
      <div className="flex items-center justify-between gap-2 pb-1 text-xs text-ink-3">
        <span>{bytes(result.size_bytes)}</span>
        <Button size="small" look="quiet" icon={Download} onClick={onDownload}>
          Download
        </Button>
      </div>
      <JsonTree value={value} label="result" />
    </div>
  )
}

function ResultAddress({ address }: { readonly address: string }): ReactElement {
  const page = pageOf(address)
  if (page === undefined) return <code className="font-mono text-xs wrap-anywhere">{address}</code>
  return (
    <a href={page} target="_blank" rel="noreferrer" className="font-mono text-xs wrap-anywhere hover:underline">
      {address}
    </a>
  )
}

/** The page of Google's console for what lies in Cloud Storage; an address of the web itself. */
function pageOf(address: string): string | undefined {
  if (/^https?:\/\//.test(address)) return address
  const [, bucket, name] = /^gs:\/\/([^/]+)\/(.+)$/.exec(address) ?? []
  if (bucket === undefined || name === undefined) return undefined
  return `https://console.cloud.google.com/storage/browser/_details/${bucket}/${name.split('/').map(encodeURIComponent).join('/')}`
}

/** From which task runs a call took its arguments: values of arguments are not kept, their results are. */
export function TaskInputsTab({
  task,
  nameOf,
  onSelect,
}: {
  readonly task: TaskRunRow
  readonly nameOf: (id: string) => string | undefined
  readonly onSelect: (id: string) => void
}): ReactElement {
  if (task.upstream.length === 0)
    return (
      <Empty icon={FileQuestion} title="It took no result of another task">
        What it was called with came from the flow itself.
      </Empty>
    )
  return (
    <div className="min-h-0 flex-1 overflow-auto p-3">
      <p className="pb-2 text-sm text-ink-2">Called with the results of</p>
      <ul className="flex flex-col items-start gap-1">
        {task.upstream.map((id) => (
          <li key={id}>
            <Button size="small" onClick={() => onSelect(id)}>
              {nameOf(id) ?? id}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  )
}
