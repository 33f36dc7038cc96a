import { useMutation, useQueryClient } from '@tanstack/react-query'
import { CalendarClock, Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { Button, IconButton } from '../../parts/button.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Switch } from '../../parts/field.tsx'
import { tellUndoable } from '../../parts/toasts.tsx'
import * as queries from '../../queries.ts'
import { secondsText } from './schedule-draft.ts'
import { ScheduleEditor } from './schedule-editor.tsx'
import { SchedulePreview } from './schedule-preview.tsx'
import { scheduleWords } from './schedule-words.ts'

export function SchedulesTab({ deployment }: { readonly deployment: queries.Deployment }): ReactElement {
  const cache = useQueryClient()
  const [edited, setEdited] = useState<queries.DeploymentSchedule | 'new'>()
  const [removed, setRemoved] = useState<ReadonlySet<string>>(new Set())
  const refresh = (): Promise<void> => cache.invalidateQueries({ queryKey: ['deployments'] })
  const remove = useMutation({ mutationFn: (id: string) => queries.removeSchedule(deployment.id, id), onSettled: refresh })
  const schedules = deployment.schedules.filter(({ id }) => !removed.has(id))
  const takeAway = (schedule: queries.DeploymentSchedule): void => {
    setRemoved(new Set([...removed, schedule.id]))
    tellUndoable(
      `The schedule ${scheduleWords(schedule.schedule)} was deleted.`,
      () => remove.mutate(schedule.id),
      () => setRemoved((before) => new Set([...before].filter((id) => id !== schedule.id))),
    )
  }
  return (
    <div className="flex flex-col gap-4 pt-4">
      {deployment.paused && schedules.length > 0 && (
        <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-ink-2">The deployment is paused: none of these makes runs.</p>
      )}
      {schedules.length === 0 ? (
        <Empty
          icon={CalendarClock}
          title="It runs by hand only"
          command={`schedules: cron('0 6 * * *', { timezone: 'Europe/Vienna' })`}
          action={
            <Button look="primary" icon={Plus} onClick={() => setEdited('new')}>
              Add a schedule
            </Button>
          }
        >
          Add a schedule here, or where the deployment is defined:
        </Empty>
      ) : (
        <>
          <div>
            <Button icon={Plus} onClick={() => setEdited('new')}>
              Add a schedule
            </Button>
          </div>
          <ul className="grid gap-4 xl:grid-cols-2">
            {schedules.map((schedule) => (
              <li key={schedule.id} className="min-w-0 rounded-lg border border-line bg-surface">
                <ScheduleCard
                  deployment={deployment}
                  schedule={schedule}
                  onEdit={() => setEdited(schedule)}
                  onRemove={() => takeAway(schedule)}
                />
              </li>
            ))}
          </ul>
        </>
      )}
      {edited !== undefined && (
        <ScheduleEditor deployment={deployment} schedule={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
    </div>
  )
}

function ScheduleCard({
  deployment,
  schedule,
  onEdit,
  onRemove,
}: {
  readonly deployment: queries.Deployment
  readonly schedule: queries.DeploymentSchedule
  readonly onEdit: () => void
  readonly onRemove: () => void
}): ReactElement {
  const cache = useQueryClient()
  const { mutate, isPending, variables } = useMutation({
    mutationFn: (active: boolean) => queries.updateSchedule(deployment.id, schedule.id, { active }),
    onSettled: () => cache.invalidateQueries({ queryKey: ['deployments'] }),
  })
  const isActive = isPending ? variables : schedule.active
  const words = scheduleWords(schedule.schedule)
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-3 border-b border-line p-4">
        <div className="min-w-0">
          <h3 className="font-medium break-words first-letter:uppercase">{words}</h3>
          <p className="mt-0.5 flex flex-wrap gap-x-3 text-xs text-ink-3">
            {'cron' in schedule.schedule && <code className="font-mono">{schedule.schedule.cron}</code>}
            <span>{schedule.schedule.timezone ?? 'UTC'}</span>
            {schedule.slug !== null && <span>named {schedule.slug}</span>}
            {optionWords(schedule.options).map((each) => (
              <span key={each}>{each}</span>
            ))}
            {Object.keys(schedule.parameters).length > 0 && <span>with parameters of its own</span>}
          </p>
        </div>
        <span className="flex items-center gap-1">
          <Switch label={isActive ? `Pause: ${words}` : `Go on: ${words}`} isOn={isActive} onChange={(isOn) => mutate(isOn)} />
          <IconButton label={`Edit: ${words}`} icon={Pencil} onClick={onEdit} />
          <IconButton label={`Delete: ${words}`} icon={Trash2} onClick={onRemove} />
        </span>
      </div>
      {isActive ? (
        <div tabIndex={0} role="group" aria-label="Next runs" className="max-h-64 overflow-y-auto">
          <SchedulePreview schedule={schedule.schedule} options={schedule.options} />
        </div>
      ) : (
        <p className="p-4 text-sm text-ink-3">Paused: it makes no runs.</p>
      )}
    </>
  )
}

function optionWords(options: queries.ScheduleOptions | null): readonly string[] {
  if (options === null) return []
  const { jitter, overlap, catch_up: catchUp, expires_after: expires, calendar } = options
  return [
    ...(jitter === null || jitter === 0 ? [] : [`jitter ${secondsText(jitter)}`]),
    ...(overlap === null || overlap === 'allow' ? [] : [`overlap: ${overlap.replace('_', ' ')}`]),
    ...(catchUp === null || catchUp === 'latest' ? [] : [`catch-up: ${catchUp}`]),
    ...(expires === null ? [] : [`expires after ${secondsText(expires)}`]),
    ...(calendar === null ? [] : [`calendar ${calendar.name}`]),
  ]
}
