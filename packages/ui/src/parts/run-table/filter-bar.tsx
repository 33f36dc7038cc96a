import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { ListFilter, Plus, X } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useTimeFormat } from '../../format.ts'
import * as queries from '../../queries.ts'
import { conditionsOf } from '../../run-filter.ts'
import type { RunFilter } from '../../run-filter.ts'
import { STATE_TYPES, textColorOf, toneOf } from '../../states.ts'
import { Button, IconButton, buttonClass } from '../button.tsx'
import { INPUT, SearchInput } from '../field.tsx'
import { DeploymentName, FlowName } from '../names.tsx'
import { Popover } from '../popover.tsx'
import { Segmented } from '../segmented.tsx'
import { ToneIcon } from '../state-badge.tsx'
import { BetweenForm, textOfWindow, WINDOWS } from '../window-picker.tsx'

type Change = (changed: Partial<RunFilter>) => void

interface FilterProps {
  readonly filter: RunFilter
  readonly onChange: Change
}

/** What is chosen, each with its way out, and what else can be. */
export function FilterBar({
  filter,
  fixed,
  onChange,
  onClear,
  children,
}: FilterProps & {
  /** Chosen by the page itself. */
  readonly fixed: Partial<RunFilter>
  readonly onClear: () => void
  /** At the end of the bar. */
  readonly children?: ReactNode
}): ReactElement {
  const chosen = conditionsOf(filter, fixed)
  const offered = FILTERS.filter(({ key }) => !(key in fixed))
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput label="Name of a run" value={filter.name} onChange={(name) => onChange({ name })} shortcut />
        <div className="flex flex-wrap items-center gap-1.5">
          {offered.map(({ key, label, Choice, isAlways }) =>
            isAlways ? (
              <Popover
                key={key}
                label={label}
                trigger={
                  <button type="button" className={buttonClass('ordinary')}>
                    {label}
                    {chosen.includes(key) && <span className="size-1.5 rounded-full bg-accent" aria-label="chosen" />}
                  </button>
                }
              >
                <Choice filter={filter} onChange={onChange} />
              </Popover>
            ) : null,
          )}
          <MoreFilters filter={filter} onChange={onChange} offered={offered.filter(({ isAlways }) => !isAlways)} />
          {children}
        </div>
      </div>
      {chosen.length > 0 && (
        <ul aria-label="What is chosen" className="flex flex-wrap items-center gap-1.5">
          {chosen.map((key) => (
            <Chips key={key} name={key} filter={filter} onChange={onChange} />
          ))}
          <li>
            <Button size="small" look="quiet" onClick={onClear}>
              Clear all
            </Button>
          </li>
        </ul>
      )}
    </div>
  )
}

function MoreFilters({ filter, onChange, offered }: FilterProps & { readonly offered: readonly (typeof FILTERS)[number][] }): ReactElement {
  const [open, setOpen] = useState<string>()
  const chosen = offered.find(({ key }) => key === open)
  return (
    <Popover
      label="More filters"
      onOpenChange={() => setOpen(undefined)}
      trigger={
        <button type="button" className={buttonClass('ordinary')}>
          <ListFilter aria-hidden className="size-3.5" />
          More
        </button>
      }
    >
      {chosen === undefined ? (
        <ul className="-m-1.5">
          {offered.map(({ key, label }) => (
            <li key={key}>
              <button
                type="button"
                onClick={() => setOpen(key)}
                className="flex h-8 w-full items-center gap-2 rounded-sm px-2 text-left text-sm hover:bg-hover"
              >
                <Plus aria-hidden className="size-3.5 text-ink-3" />
                {label}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <>
          <p className="mb-2 text-xs font-medium text-ink-3">{chosen.label}</p>
          <chosen.Choice filter={filter} onChange={onChange} />
        </>
      )}
    </Popover>
  )
}

/* ── chips ──────────────────────────────────────────────────────────────────────────────────────── */

const TIMES = { start: 'Started', expected: 'Expected', end: 'Ended' } as const

function Chips({ name, filter, onChange }: FilterProps & { readonly name: keyof RunFilter }): ReactElement {
  const format = useTimeFormat()
  const without = (list: readonly string[], each: string): readonly string[] => list.filter((other) => other !== each)
  switch (name) {
    case 'states':
      return (
        <>
          {filter.states.map((state) => (
            <Chip key={state} about="State" onRemove={() => onChange({ states: without(filter.states, state) })}>
              {stateWord(state)}
            </Chip>
          ))}
        </>
      )
    case 'flows':
      return (
        <>
          {filter.flows.map((id) => (
            <Chip key={id} about="Flow" onRemove={() => onChange({ flows: without(filter.flows, id) })}>
              <FlowName id={id} />
            </Chip>
          ))}
        </>
      )
    case 'deployments':
      return (
        <>
          {filter.deployments.map((id) => (
            <Chip key={id} about="Deployment" onRemove={() => onChange({ deployments: without(filter.deployments, id) })}>
              <DeploymentName id={id} />
            </Chip>
          ))}
        </>
      )
    case 'pools':
      return (
        <>
          {filter.pools.map((pool) => (
            <Chip key={pool} about="Pool" onRemove={() => onChange({ pools: without(filter.pools, pool) })}>
              {pool}
            </Chip>
          ))}
        </>
      )
    case 'tags':
      return (
        <>
          {filter.tags.map((tag, at) => (
            <Chip
              key={tag}
              about={at > 0 ? (filter.tagsAre === 'all' ? 'and tag' : 'or tag') : 'Tag'}
              onRemove={() => onChange({ tags: without(filter.tags, tag) })}
            >
              {tag}
            </Chip>
          ))}
        </>
      )
    case 'time':
      return (
        <Chip about={TIMES[filter.timeOf]} onRemove={() => onChange({ time: undefined, timeOf: 'start' })}>
          {filter.time === undefined ? '' : textOfWindow(filter.time, format.moment)}
        </Chip>
      )
    case 'subflows':
      return (
        <Chip about="Sub-flows" onRemove={() => onChange({ subflows: 'in' })}>
          {filter.subflows === 'out' ? 'left out' : 'only'}
        </Chip>
      )
    case 'parameters':
      return (
        <Chip about="Parameters have" onRemove={() => onChange({ parameters: '' })}>
          {filter.parameters}
        </Chip>
      )
    default:
      return (
        <Chip about="Name has" onRemove={() => onChange({ name: '' })}>
          {filter.name}
        </Chip>
      )
  }
}

function Chip({
  about,
  children,
  onRemove,
}: {
  readonly about: string
  readonly children: ReactNode
  readonly onRemove: () => void
}): ReactElement {
  return (
    <li className="flex h-7 max-w-full items-center gap-1 rounded-full border border-line bg-surface pl-2.5 text-xs">
      <span className="shrink-0 text-ink-3">{about}</span>
      <span className="truncate font-medium">{children}</span>
      <button
        type="button"
        aria-label={`Without this: ${about}`}
        onClick={onRemove}
        className="grid size-6 shrink-0 place-items-center rounded-full text-ink-3 hover:bg-hover hover:text-ink"
      >
        <X aria-hidden className="size-3" />
      </button>
    </li>
  )
}

/* ── choices ────────────────────────────────────────────────────────────────────────────────────── */

/** Names that say more than their type. */
const STATE_NAMES = ['Late', 'AwaitingRetry', 'Retrying', 'Suspended', 'Cached'] as const
const TYPE_OF_NAME: Readonly<Record<string, string>> = {
  Late: 'SCHEDULED',
  AwaitingRetry: 'SCHEDULED',
  Retrying: 'RUNNING',
  Suspended: 'PAUSED',
  Cached: 'COMPLETED',
}

function stateWord(state: string): string {
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

interface FilterKind {
  readonly key: keyof RunFilter
  readonly label: string
  readonly Choice: (props: FilterProps) => ReactElement
  /** Has a button of its own. */
  readonly isAlways?: boolean
}

const FILTERS: readonly FilterKind[] = [
  { key: 'states', label: 'State', Choice: StateChoice, isAlways: true },
  { key: 'flows', label: 'Flow', Choice: FlowChoice, isAlways: true },
  { key: 'time', label: 'Time', Choice: TimeChoice, isAlways: true },
  { key: 'deployments', label: 'Deployment', Choice: DeploymentChoice },
  { key: 'pools', label: 'Work pool', Choice: PoolChoice },
  { key: 'tags', label: 'Tags', Choice: TagChoice },
  { key: 'parameters', label: 'Text in parameters', Choice: ParametersChoice },
  { key: 'subflows', label: 'Sub-flows', Choice: SubflowChoice },
]
