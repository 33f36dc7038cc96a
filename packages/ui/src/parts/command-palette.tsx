import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Blocks, FileBox, Gauge, Moon, Play, Plus, Rocket, Rows3, Server, SlidersHorizontal, Sun, SunMoon, Workflow } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import type { AddressValues } from '../address.ts'
import { PLACES } from '../navigation.ts'
import { setPreferences, usePreferences } from '../preferences.ts'
import * as queries from '../queries.ts'
import { StateIcon } from './state-badge.tsx'

/** One line: what it is called, and what choosing it does. */
interface Item {
  readonly id: string
  readonly label: string
  readonly icon: ReactNode
  /** The keys that do the same, or where it belongs. */
  readonly hint?: string
  readonly run: () => void
}

interface Group {
  readonly heading: string
  readonly items: readonly Item[]
}

/** Finds whatever has a name, and does what can be done anywhere. */
export function CommandPalette({ onClose }: { readonly onClose: () => void }): ReactElement {
  return (
    <Command.Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      label="Find or do anything"
      shouldFilter={false}
      overlayClassName="fixed inset-0 z-40 bg-black/45"
      contentClassName="fixed inset-x-2 top-[10vh] z-50 mx-auto max-w-xl overflow-hidden rounded-lg border border-line bg-surface shadow-raised"
    >
      <Palette onClose={onClose} />
    </Command.Dialog>
  )
}

function Palette({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [text, setText] = useState('')
  const groups = useGroups(text.trim())
  return (
    <>
      <Command.Input
        autoFocus
        value={text}
        onValueChange={setText}
        placeholder="A run, a flow, a deployment, a page, an id"
        className="h-12 w-full border-b border-line bg-transparent px-4 text-base outline-none placeholder:text-ink-3"
      />
      <Command.List className="max-h-[55vh] overflow-y-auto p-1.5 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:text-ink-3">
        <Command.Empty className="p-6 text-center text-sm text-ink-3">Nothing has this name.</Command.Empty>
        {groups.map(({ heading, items }) => (
          <Command.Group key={heading} heading={heading}>
            {items.map(({ id, label, icon, hint, run }) => (
              <Command.Item
                key={id}
                value={id}
                onSelect={() => {
                  onClose()
                  run()
                }}
                className="flex h-9 cursor-default items-center gap-2.5 rounded-md px-2 text-sm data-[selected=true]:bg-hover"
              >
                {icon}
                <span className="truncate">{label}</span>
                {hint !== undefined && <kbd className="ml-auto shrink-0 font-mono text-2xs text-ink-3">{hint}</kbd>}
              </Command.Item>
            ))}
          </Command.Group>
        ))}
      </Command.List>
    </>
  )
}

/** What there is for a text, only what has something in it. */
function useGroups(text: string): readonly Group[] {
  const navigate = useNavigate()
  const { density } = usePreferences()
  const { data: found } = useQuery(queries.search(useDeferredValue(text)))
  const go =
    (to: string, search: AddressValues = {}) =>
    (): void =>
      void navigate({ to, search })
  const named = (id: string, label: string, icon: LucideIcon, run: () => void): Item => ({ id, label, icon: sign(icon), run })
  const doing: readonly Item[] = [
    named('add-block', 'Go to the types of blocks, to add one', Plus, go('/blocks', { tab: 'types' })),
    named('add-variable', 'Go to the variables, to add one', Plus, go('/variables')),
    named('light', 'Use the light appearance', Sun, () => setPreferences({ theme: 'light' })),
    named('dark', 'Use the dark appearance', Moon, () => setPreferences({ theme: 'dark' })),
    named('system', 'Follow the appearance of the system', SunMoon, () => setPreferences({ theme: 'system' })),
    named('density', density === 'compact' ? 'Make rows taller' : 'Make rows closer', Rows3, () =>
      setPreferences({ density: density === 'compact' ? 'comfortable' : 'compact' }),
    ),
  ]
  const isLike = ({ label }: Item): boolean => label.toLowerCase().includes(text.toLowerCase())
  const pages = PLACES.flatMap(({ places }) =>
    places.map(({ to, label, icon, key }) => ({ ...named(to, label, icon, go(to)), hint: `g ${key}` })),
  )
  const { runs = [], flows = [], deployments = [], pools = [], limits = [], variables = [], artifacts = [], blocks = [] } = found ?? {}
  const groups: readonly Group[] = [
    {
      heading: 'Runs',
      items: runs.map((run) => ({
        id: run.id,
        label: run.name,
        icon: <StateIcon type={run.state_type} name={run.state_name} />,
        run: go(`/runs/${run.id}`),
      })),
    },
    { heading: 'Flows', items: flows.map(({ id, name }) => named(id, name, Workflow, go(`/flows/${id}`))) },
    { heading: 'Deployments', items: deployments.map(({ id, name }) => named(id, name, Rocket, go(`/deployments/${id}`))) },
    {
      heading: 'Run a deployment',
      items: deployments.map(({ id, name }) => named(`run-${id}`, `Run ${name} …`, Play, go(`/deployments/${id}`, { run: 'yes' }))),
    },
    { heading: 'Work pools', items: pools.map(({ id, name }) => named(id, name, Server, go(`/work-pools/${encodeURIComponent(name)}`))) },
    { heading: 'Concurrency limits', items: limits.map(({ id, name }) => named(id, name, Gauge, go('/concurrency'))) },
    { heading: 'Blocks', items: blocks.map(({ id, name }) => named(id, name, Blocks, go(`/blocks/${id}`))) },
    { heading: 'Variables', items: variables.map(({ id, name }) => named(id, name, SlidersHorizontal, go('/variables', { q: name }))) },
    { heading: 'Artifacts', items: artifacts.map(({ latest_id: id, key }) => named(id, key, FileBox, go(`/artifacts/${id}`))) },
    { heading: 'Pages', items: pages.filter(isLike) },
    { heading: 'Actions', items: doing.filter(isLike) },
  ]
  return groups.filter(({ items }) => items.length > 0)
}

function sign(Icon: LucideIcon): ReactElement {
  return <Icon aria-hidden className="size-4 shrink-0 text-ink-3" />
}
