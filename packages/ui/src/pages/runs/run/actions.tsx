import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Ban, Code, Copy, Download, Ellipsis, Fingerprint, Link2, OctagonX, Pause, Play, Repeat2, RotateCw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { root } from '../../../connection.ts'
import { Button, IconButton } from '../../../parts/button.tsx'
import { Confirm } from '../../../parts/dialog.tsx'
import { Menu } from '../../../parts/menu.tsx'
import type { MenuItem } from '../../../parts/menu.tsx'
import { tell, tellUndoable } from '../../../parts/toasts.tsx'
import * as queries from '../../../queries.ts'
import type { FlowRun } from '../../../queries/values.ts'
import { useShortcuts } from '../../../shortcuts.ts'
import { CodeDialog } from './code-dialog.tsx'
import { codeOf } from './copy-as-code.ts'
import { possibleActions } from './possible-actions.ts'
import { RerunDialog } from './rerun-dialog.tsx'
import type { RerunDialogProps } from './rerun-dialog.tsx'
import { save } from '../../../parts/save.ts'

type Asked =
  | { readonly type: 'cancel' }
  | { readonly type: 'force' }
  | { readonly type: 'code' }
  | ({ readonly type: 'rerun' } & Pick<RerunDialogProps, 'kind' | 'from'>)

export interface RunActionsProps {
  readonly run: FlowRun
  /** From which an experienced hand goes on. */
  readonly selected: { readonly id: string; readonly name: string } | undefined
}

/** What can be done with a run as it stands; what is likeliest is a button, the rest a menu. */
export function RunActions({ run, selected }: RunActionsProps): ReactElement {
  const [asked, setAsked] = useState<Asked>()
  const navigate = useNavigate()
  const cache = useQueryClient()
  const { id, name } = run
  const isDeployed = run.deployment_id !== null
  const possible = possibleActions({ stateType: run.state_type, stateName: run.state_name, isDeployed })
  const flow = useQuery(queries.flowOf(run.flow_id))
  const deployment = useQuery(queries.deploymentOf(run.deployment_id))
  const refresh = (): Promise<void> => cache.invalidateQueries({ queryKey: ['flow-run', id] })
  const close = (): void => setAsked(undefined)

  const change = useMutation({
    mutationFn: ({ work }: { readonly work: () => Promise<unknown>; readonly done: string }) => work(),
    onSuccess: (_answer, { done }) => {
      close()
      tell({ tone: 'info', text: done })
      return refresh()
    },
    onError: refresh,
  })
  const again = useMutation({
    mutationFn: () => queries.runAgain({ id: run.deployment_id ?? '', parameters: run.parameters, tags: run.tags }),
    onSuccess: (made) => {
      tell({ tone: 'info', text: `${made.name} was made.` })
      void navigate({ to: '/runs/$id', params: { id: made.id }, search: {} })
    },
  })
  const remove = (): void => {
    void navigate({ to: '/runs', search: {} })
    tellUndoable(`${name} is being deleted, with its task runs and logs.`, () =>
      change.mutate({ work: () => queries.deleteRun(id), done: `${name} is deleted.` }),
    )
  }
  const copy = (text: string, what: string): void => {
    void navigator.clipboard.writeText(text).then(() => tell({ tone: 'info', text: `The ${what} is copied.` }, 1_500))
  }
  const retry = (): void => setAsked({ type: 'rerun', kind: 'retry', from: undefined })
  useShortcuts({
    r: possible.retry
      ? retry
      : possible.runAgain && possible.rerun
        ? () => setAsked({ type: 'rerun', kind: 'rerun', from: undefined })
        : undefined,
  })

  const items: readonly (MenuItem | null)[] = [
    ...(possible.rerun
      ? [
          {
            label: 'Run again, edited …',
            icon: Repeat2,
            onSelect: () => setAsked({ type: 'rerun', kind: 'rerun', from: undefined }),
          } as const,
        ]
      : []),
    ...(possible.rerun && selected !== undefined
      ? [
          {
            label: `Run again from ${selected.name} …`,
            icon: Repeat2,
            onSelect: () => setAsked({ type: 'rerun', kind: 'rerun', from: selected }),
          } as const,
        ]
      : []),
    ...(possible.runNow
      ? [
          {
            label: 'Start now',
            icon: Play,
            onSelect: () => change.mutate({ work: () => queries.startRunNow(id), done: `${name} is due now.` }),
          } as const,
        ]
      : []),
    ...(possible.pause
      ? [
          {
            label: 'Pause',
            icon: Pause,
            onSelect: () => change.mutate({ work: () => queries.pauseRun(id), done: `${name} is paused.` }),
          } as const,
        ]
      : []),
    ...(possible.rerun || possible.runNow || possible.pause ? [null] : []),
    { label: 'Copy link', icon: Link2, onSelect: () => copy(new URL(`runs/${id}`, root).href, 'link') },
    { label: 'Copy id', icon: Fingerprint, onSelect: () => copy(id, 'id') },
    { label: 'Copy as code …', icon: Code, onSelect: () => setAsked({ type: 'code' }) },
    { label: 'Copy name', icon: Copy, onSelect: () => copy(name, 'name') },
    null,
    { label: 'Download log', icon: Download, onSelect: () => void save(() => queries.downloadLog(id), `${name}.log`) },
    ...(run.state_type === 'COMPLETED'
      ? [
          {
            label: 'Download result',
            icon: Download,
            onSelect: () => void save(() => queries.downloadResult(id, undefined), `${name}.json`),
          } as const,
        ]
      : []),
    ...(possible.delete ? [null, { label: 'Delete', icon: Trash2, isDanger: true, onSelect: remove } as const] : []),
  ]
  const full = flow.data === undefined || deployment.data === undefined ? undefined : `${flow.data.name}/${deployment.data.name}`
  return (
    <>
      {possible.retry && (
        <Button look="primary" icon={RotateCw} onClick={retry} title="r">
          Retry
        </Button>
      )}
      {possible.runAgain && possible.rerun && (
        <Button icon={Repeat2} isBusy={again.isPending} onClick={() => again.mutate()} title="A new run with the same parameters">
          Run again
        </Button>
      )}
      {possible.cancel && (
        <Button look="danger" icon={Ban} onClick={() => setAsked({ type: 'cancel' })}>
          Cancel
        </Button>
      )}
      {possible.force && (
        <Button look="danger" icon={OctagonX} onClick={() => setAsked({ type: 'force' })}>
          Force its end
        </Button>
      )}
      <Menu trigger={<IconButton label="More actions" icon={Ellipsis} look="ordinary" />} items={items} />

      <Confirm
        title={`Cancel ${name}?`}
        verb="Cancel the run"
        isOpen={asked?.type === 'cancel'}
        isBusy={change.isPending}
        onClose={close}
        onConfirm={() => change.mutate({ work: () => queries.cancelRun(id), done: `${name} is being cancelled.` })}
      >
        Its process hears of it within a second and gets time to clean up. What completed is kept: the run can be retried later and goes on
        from there.
      </Confirm>
      <Confirm
        title={`Force the end of ${name}?`}
        verb="Force its end"
        isOpen={asked?.type === 'force'}
        isBusy={change.isPending}
        onClose={close}
        onConfirm={() => change.mutate({ work: () => queries.forceCancelRun(id), done: `${name} is cancelled.` })}
      >
        The run becomes Cancelled at once, whatever its process does. Whatever that process is in the middle of may stay half done.
      </Confirm>
      {asked?.type === 'rerun' && <RerunDialog run={run} kind={asked.kind} from={asked.from} onClose={close} />}
      {asked?.type === 'code' && (
        <CodeDialog
          onClose={close}
          code={codeOf({
            deployment: full,
            deploymentId: run.deployment_id,
            runName: name,
            flowName: flow.data?.name ?? 'flow',
            parameters: run.parameters,
            tags: run.tags,
            api: new URL('api', root).href,
          })}
        />
      )}
    </>
  )
}
