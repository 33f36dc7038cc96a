import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useChange } from '../../change.ts'
import { plural } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Failure } from '../../parts/failure.tsx'
import { Field, Input, Select, Switch } from '../../parts/field.tsx'
import { Section } from '../../parts/page.tsx'
import { Ago } from '../../parts/time-text.tsx'
import { tell } from '../../parts/toasts.tsx'
import * as queries from '../../queries.ts'

const CATCH_UPS = [
  { value: 'all', label: 'Start them all, late' },
  { value: 'latest', label: 'Start the newest of each schedule' },
  { value: 'none', label: 'Leave them out' },
] as const

/** While it is on, nothing new starts. */
export function Maintenance(): ReactElement {
  const { data, error, refetch } = useQuery(queries.maintenance())
  const start = useChange(queries.startMaintenance, ['maintenance'])
  const end = useChange(queries.endMaintenance, ['maintenance'])
  const [asked, setAsked] = useState<'start' | 'end'>()
  const [message, setMessage] = useState('')
  const [catchUp, setCatchUp] = useState<'all' | 'latest' | 'none'>('all')
  const mode = data?.modes.find(({ scope }) => scope === 'server')
  const pools = data?.modes.filter(({ scope }) => scope === 'pool') ?? []
  const close = (): void => setAsked(undefined)
  return (
    <Section
      title="Maintenance"
      actions={
        <Switch
          label="Maintenance mode"
          isOn={mode !== undefined}
          isDisabled={data === undefined}
          onChange={(isOn) => setAsked(isOn ? 'start' : 'end')}
        />
      }
    >
      {error !== null && data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <div className="flex flex-col gap-2 p-4 text-sm text-ink-2">
          {mode === undefined ? (
            <p>Off. Turned on, nothing new starts; what runs goes on to its end. Schedules go on making runs, which wait.</p>
          ) : (
            <>
              <p className="font-medium" style={{ color: 'var(--state-late-text)' }}>
                On since <Ago at={mode.started} />: nothing new starts.
              </p>
              {mode.message !== null && <p>{mode.message}</p>}
            </>
          )}
          <p className="tabular">{plural(data?.running ?? 0, 'run')} under way now.</p>
          {pools.map((pool) => (
            <p key={pool.work_pool_id}>
              The work pool {pool.work_pool_name} is in maintenance since <Ago at={pool.started} />.
            </p>
          ))}
        </div>
      )}
      <Dialog
        title="Start maintenance?"
        about="Nothing new starts on this server until it ends. What runs goes on to its end."
        isOpen={asked === 'start'}
        onClose={close}
        footer={
          <>
            <Button onClick={close}>Keep it as it is</Button>
            <Button
              look="primary"
              isBusy={start.isPending}
              onClick={() => start.mutate(message.trim() === '' ? null : message.trim(), { onSettled: close })}
            >
              Start maintenance
            </Button>
          </>
        }
      >
        <Field label="Why" about="Shown to whoever asks why a run waits.">
          {(ids) => <Input {...ids} autoFocus maxLength={1_000} value={message} onChange={(event) => setMessage(event.target.value)} />}
        </Field>
      </Dialog>
      <Dialog
        title="End maintenance?"
        isOpen={asked === 'end'}
        onClose={close}
        footer={
          <>
            <Button onClick={close}>Keep it as it is</Button>
            <Button
              look="primary"
              isBusy={end.isPending}
              onClick={() =>
                end.mutate(catchUp, {
                  onSuccess: ({ skipped }) => skipped > 0 && tell({ tone: 'info', text: `${plural(skipped, 'run')} left out.` }),
                  onSettled: close,
                })
              }
            >
              End maintenance
            </Button>
          </>
        }
      >
        <Field label="Runs of schedules that became due meanwhile">
          {({ id }) => (
            <Select
              id={id}
              label="Runs that became due"
              options={CATCH_UPS}
              value={catchUp}
              onChange={(next) => setCatchUp(next as typeof catchUp)} // of the options
            />
          )}
        </Field>
      </Dialog>
    </Section>
  )
}
