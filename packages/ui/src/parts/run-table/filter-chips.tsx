// What is chosen, each with its way out.
import { X } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { useTimeFormat } from '../../format.ts'
import type { RunFilter } from '../../run-filter.ts'
import { DeploymentName, FlowName } from '../names.tsx'
import { textOfWindow } from '../window-picker.tsx'
import { stateWord, TIMES } from './filter-choices.tsx'
import type { FilterProps } from './filter-choices.tsx'

/** Of one thing that is asked of runs: a chip for each value. */
export function Chips({ name, filter, onChange }: FilterProps & { readonly name: keyof RunFilter }): ReactElement {
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
