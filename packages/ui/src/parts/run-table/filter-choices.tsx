// What runs can be chosen by, and the form of each choice.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import * as queries from '../../queries.ts'
import type { RunFilter } from '../../run-filter.ts'
import { STATE_TYPES, textColorOf, toneOf } from '../../states.ts'
import { Button, IconButton } from '../button.tsx'
import { INPUT, SearchInput } from '../field.tsx'
import { Segmented } from '../segmented.tsx'
import { ToneIcon } from '../state-badge.tsx'
import { BetweenForm, WINDOWS } from '../window-picker.tsx'

type Change = (changed: Partial<RunFilter>) => void

export interface FilterProps {
  readonly filter: RunFilter
  readonly onChange: Change
}

/** Of which moment of a run a time speaks. */
export const TIMES = { start: 'Started', expected: 'Expected', end: 'Ended' } as const

/** Names that say more than their type. */
const STATE_NAMES = ['Late', 'AwaitingRetry', 'Retrying', 'Suspended', 'Cached'] as const
const TYPE_OF_NAME: Readonly<Record<string, string>> = {
  Late: 'SCHEDULED',
  AwaitingRetry: 'SCHEDULED',
  Retrying: 'RUNNING',
  Suspended: 'PAUSED',
  Cached: 'COMPLETED',
}

/** As people write it. */
export function stateWord(state: string): string {
  if (!STATE_TYPES.some((type) => type === state)) return state === 'AwaitingRetry' ? 'Awaiting retry' : state
  return state.charAt(0) + state.slice(1).toLowerCase()
}

export function StateChoice({ filter, onChange }: { readonly filter: Pick<RunFilter, 'states'>; readonly onChange: Change }): ReactElement {
  const toggle = (state: string): void =>
    onChange({ states: filter.states.includes(state) ? filter.states.filter((each) => each !== state) : [...filter.states, state] })
  return (
    <div className="grid grid-cols-2 gap-x-2">
      {[STATE_TYPES, STATE_NAMES].map((group) => (
        <ul key={group[0]}>
          {group.map((state) => {
            const tone = STATE_NAMES.some((name) => name === state) ? toneOf(TYPE_OF_NAME[state], state) : toneOf(state)
            return (
              <li key={state}>
                <label className="flex h-7 cursor-pointer items-center gap-2 rounded-sm px-1 text-sm hover:bg-hover">
                  <input
                    type="checkbox"
                    checked={filter.states.includes(state)}
                    onChange={() => toggle(state)}
                    className="size-3.5 accent-(--accent)"
                  />
                  <span style={{ color: textColorOf(tone) }}>
                    <ToneIcon tone={tone} />
                  </span>
                  <span className="truncate">{stateWord(state)}</span>
                </label>
              </li>
            )
          })}
        </ul>
      ))}
    </div>
  )
}

interface Item {
  readonly id: string
  readonly name: string
}

function ItemChoice({
  label,
  items,
  isPending,
  chosen,
  onChange,
  text,
  onText,
}: {
  readonly label: string
  readonly items: readonly Item[]
  readonly isPending: boolean
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
  readonly text: string
  readonly onText: (text: string) => void
}): ReactElement {
  return (
    <>
      <div className="flex">
        <SearchInput label={label} value={text} onChange={onText} />
      </div>
      <ul className="mt-2 flex flex-col">
        {items.map(({ id, name }) => (
          <li key={id}>
            <label className="flex h-8 cursor-pointer items-center gap-2 rounded-sm px-1 text-sm hover:bg-hover">
              <input
                type="checkbox"
                checked={chosen.includes(id)}
                onChange={() => onChange(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id])}
                className="size-3.5 accent-(--accent)"
              />
              <span className="truncate" title={name}>
                {name}
              </span>
            </label>
          </li>
        ))}
        {!isPending && items.length === 0 && <li className="py-2 text-center text-sm text-ink-3">Nothing has this name.</li>}
      </ul>
    </>
  )
}

export function FlowChoice({ filter, onChange }: { readonly filter: Pick<RunFilter, 'flows'>; readonly onChange: Change }): ReactElement {
  const [text, setText] = useState('')
  const { data, isPending } = useInfiniteQuery(queries.flowPages(text, 'NAME_ASC'))
  return (
    <ItemChoice
      label="Name of a flow"
      items={data?.pages[0] ?? []}
      isPending={isPending}
      chosen={filter.flows}
      onChange={(flows) => onChange({ flows })}
      text={text}
      onText={setText}
    />
  )
}

function DeploymentChoice({ filter, onChange }: FilterProps): ReactElement {
  const [text, setText] = useState('')
  const { data, isPending } = useQuery(queries.deploymentsNamed(text))
  return (
    <ItemChoice
      label="Name of a deployment"
      items={data ?? []}
      isPending={isPending}
      chosen={filter.deployments}
      onChange={(deployments) => onChange({ deployments })}
      text={text}
      onText={setText}
    />
  )
}

function PoolChoice({ filter, onChange }: FilterProps): ReactElement {
  const [text, setText] = useState('')
  const { data, isPending } = useQuery(queries.poolHealth())
  const items = (data ?? []).map(({ pool }) => ({ id: pool.name, name: pool.name }))
  return (
    <ItemChoice
      label="Name of a work pool"
      items={items.filter(({ name }) => name.includes(text))}
      isPending={isPending}
      chosen={filter.pools}
      onChange={(pools) => onChange({ pools })}
      text={text}
      onText={setText}
    />
  )
}

function TagChoice({ filter, onChange }: FilterProps): ReactElement {
  const [text, setText] = useState('')
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        const tag = text.trim()
        if (tag === '') return
        onChange({ tags: [...new Set([...filter.tags, tag])] })
        setText('')
      }}
    >
      <div className="flex gap-2">
        <input aria-label="A tag" placeholder="A tag" className={INPUT} value={text} onChange={(event) => setText(event.target.value)} />
        <IconButton label="Add the tag" icon={Plus} look="ordinary" type="submit" />
      </div>
      <Segmented
        label="Runs have"
        choices={[
          { value: 'any', label: 'Any of them' },
          { value: 'all', label: 'All of them' },
        ]}
        value={filter.tagsAre}
        onChange={(tagsAre) => onChange({ tagsAre })}
      />
    </form>
  )
}

const NEXT_DAY_MS = 86_400_000

function TimeChoice({ filter, onChange }: FilterProps): ReactElement {
  return (
    <div className="flex flex-col gap-3">
      <Segmented
        label="Which time"
        choices={(['start', 'expected', 'end'] as const).map((value) => ({ value, label: TIMES[value] }))}
        value={filter.timeOf}
        onChange={(timeOf) => onChange({ timeOf, time: filter.time ?? { type: 'last', ms: NEXT_DAY_MS } })}
      />
      <div className="flex flex-wrap gap-1.5">
        {WINDOWS.map(({ label, ms }) => (
          <Button key={label} size="small" onClick={() => onChange({ time: { type: 'last', ms } })}>
            Last {label}
          </Button>
        ))}
        <Button size="small" onClick={() => onChange({ time: { type: 'next', ms: NEXT_DAY_MS }, timeOf: 'expected' })}>
          Next 24 h
        </Button>
      </div>
      <BetweenForm value={filter.time} onChange={(time) => onChange({ time })} />
    </div>
  )
}

function ParametersChoice({ filter, onChange }: FilterProps): ReactElement {
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex">
        <SearchInput label="Text in the parameters" value={filter.parameters} onChange={(parameters) => onChange({ parameters })} />
      </div>
      <p className="text-xs text-ink-3">As they are written in JSON, in any case: a customer’s id, a date, a file name.</p>
    </div>
  )
}

function SubflowChoice({ filter, onChange }: FilterProps): ReactElement {
  return (
    <Segmented
      label="Runs that another run has called"
      choices={[
        { value: 'in', label: 'Shown too' },
        { value: 'out', label: 'Left out' },
        { value: 'only', label: 'Only they' },
      ]}
      value={filter.subflows}
      onChange={(subflows) => onChange({ subflows })}
    />
  )
}

export interface FilterKind {
  readonly key: keyof RunFilter
  readonly label: string
  readonly Choice: (props: FilterProps) => ReactElement
  /** Has a button of its own. */
  readonly isAlways?: boolean
}

export const FILTERS: readonly FilterKind[] = [
  { key: 'states', label: 'State', Choice: StateChoice, isAlways: true },
  { key: 'flows', label: 'Flow', Choice: FlowChoice, isAlways: true },
  { key: 'time', label: 'Time', Choice: TimeChoice, isAlways: true },
  { key: 'deployments', label: 'Deployment', Choice: DeploymentChoice },
  { key: 'pools', label: 'Work pool', Choice: PoolChoice },
  { key: 'tags', label: 'Tags', Choice: TagChoice },
  { key: 'parameters', label: 'Text in parameters', Choice: ParametersChoice },
  { key: 'subflows', label: 'Sub-flows', Choice: SubflowChoice },
]
