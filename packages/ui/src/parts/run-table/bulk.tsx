import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Ban, RotateCw, Trash2, X } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { number, plural } from '../../format.ts'
import * as queries from '../../queries.ts'
import type { BulkAction } from '../../queries.ts'
import { conditionsToWire } from '../../run-filter.ts'
import type { RunConditions, RunFilter } from '../../run-filter.ts'
import { Button, IconButton } from '../button.tsx'
import { Dialog } from '../dialog.tsx'
import { Failure, Loading } from '../failure.tsx'
import { StateBadge } from '../state-badge.tsx'
import { tell, tellFailure, tellUndoable } from '../toasts.tsx'

const ACTIONS: Readonly<
  Record<BulkAction, { readonly verb: string; readonly past: string; readonly icon: LucideIcon; readonly about: string }>
> = {
  retry: { verb: 'Retry', past: 'retried', icon: RotateCw, about: 'They run again; tasks that completed are not repeated.' },
  cancel: { verb: 'Cancel', past: 'cancelled', icon: Ban, about: 'Those that run are stopped; those that wait never begin.' },
  delete: { verb: 'Delete', past: 'deleted', icon: Trash2, about: 'Their task runs, states and logs go with them, for good.' },
}
const NAMES: readonly BulkAction[] = ['retry', 'cancel', 'delete']

interface Chosen {
  readonly action: BulkAction
  readonly conditions: RunConditions
}

/** How many there are, and what can be done with those that are marked or with all of them. */
export function BulkBar({
  filter,
  count,
  loaded,
  marked,
  onMark,
  isSampled,
}: {
  readonly filter: RunFilter
  /** `undefined`: not known. */
  readonly count: number | undefined
  readonly loaded: number
  readonly marked: ReadonlySet<string>
  readonly onMark: (marked: ReadonlySet<string>) => void
  /** Only some of them were put in this order. */
  readonly isSampled: boolean
}): ReactElement {
  const [chosen, setChosen] = useState<Chosen>()
  const [isAll, setAll] = useState(false)
  const isMarking = marked.size > 0
  const total = count === undefined ? 'All' : `All ${number(count)}`
  const clear = (): void => {
    setAll(false)
    onMark(new Set())
  }
  const choose = (action: BulkAction): void =>
    setChosen({ action, conditions: isAll ? conditionsToWire(filter, Date.now()) : { flow_runs: { id: { any_: [...marked] } } } })
  return (
    <div className="flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1.5 text-sm">
      <p role="status" className="tabular text-ink-2">
        {isMarking ? (
          <strong className="font-medium text-ink">{isAll ? `${total} that match` : `${number(marked.size)} marked`}</strong>
        ) : count === undefined ? (
          loaded > 0 && `${number(loaded)} loaded`
        ) : (
          plural(count, 'run')
        )}
        {isSampled && ' · only the newest are put in this order'}
      </p>
      {isMarking && (
        <>
          {!isAll && (count === undefined || count > marked.size) && (
            <Button size="small" look="quiet" onClick={() => setAll(true)}>
              Take all {count === undefined ? '' : number(count)} that match
            </Button>
          )}
          <div className="flex flex-wrap items-center gap-1.5">
            {NAMES.map((action) => {
              const { verb, icon } = ACTIONS[action]
              return (
                <Button
                  key={action}
                  size="small"
                  icon={icon}
                  look={action === 'delete' ? 'danger' : 'ordinary'}
                  onClick={() => choose(action)}
                >
                  {verb}
                </Button>
              )
            })}
            <IconButton label="Mark none" icon={X} size="small" onClick={clear} />
          </div>
        </>
      )}
      {chosen !== undefined && (
        <PlanDialog
          chosen={chosen}
          onClose={() => setChosen(undefined)}
          onDone={() => {
            setChosen(undefined)
            clear()
          }}
        />
      )}
    </div>
  )
}

/** What would be done, before it is. */
function PlanDialog({
  chosen: { action, conditions },
  onClose,
  onDone,
}: {
  readonly chosen: Chosen
  readonly onClose: () => void
  readonly onDone: () => void
}): ReactElement {
  const client = useQueryClient()
  const { data: plan, error, refetch } = useQuery(queries.bulkPlan(action, conditions))
  const { verb, past, about } = ACTIONS[action]
  const touched = plan?.touched ?? 0
  const runs = `${number(touched)}${plan?.more === true ? '+' : ''} ${touched === 1 ? 'run' : 'runs'}`
  const confirm = (): void => {
    if (plan === undefined) return
    onDone()
    const work = async (): Promise<void> => {
      try {
        const refresh = (): void => void client.invalidateQueries({ queryKey: ['flow-runs'] })
        const { done, refused } = await queries.doInBulk(plan, action, conditions, refresh)
        const detail = refused === 0 ? {} : { detail: `${plural(refused, 'run')} would not: their state had changed.` }
        tell({ tone: 'info', text: `${plural(done, 'run')} ${past}`, ...detail })
      } catch (error) {
        tellFailure(error)
      }
    }
    tellUndoable(`${verb} ${runs}`, () => void work())
  }
  return (
    <Dialog
      title={`${verb} runs`}
      about={about}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep them as they are</Button>
          <Button look={action === 'delete' ? 'danger' : 'primary'} disabled={touched === 0} onClick={confirm}>
            {touched === 0 ? verb : `${verb} ${runs}`}
          </Button>
        </>
      }
    >
      {error !== null ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : plan === undefined ? (
        <Loading />
      ) : plan.states.length === 0 ? (
        <p className="text-sm text-ink-2">No run is there any more.</p>
      ) : (
        <table className="w-full text-sm">
          <thead>
            <tr className="text-left text-xs text-ink-3">
              <th className="pb-1 font-medium">State</th>
              <th className="pb-1 text-right font-medium">Runs</th>
              <th className="pb-1 pl-4 font-medium">What happens</th>
            </tr>
          </thead>
          <tbody>
            {plan.states.map(({ state_type: type, count, touched: isTouched, why_not: why }) => (
              <tr key={type} className={`border-t border-line ${isTouched ? '' : 'text-ink-3'}`}>
                <td className="py-1.5">
                  <StateBadge type={type} />
                </td>
                <td className="tabular text-right font-medium">{number(count)}</td>
                <td className="pl-4">{isTouched ? `will be ${past}` : `left alone: ${why ?? 'not possible'}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Dialog>
  )
}
