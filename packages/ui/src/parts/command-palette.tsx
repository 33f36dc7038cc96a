import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Moon, Rocket, Server, Sun, Workflow } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import type { ReactElement } from 'react'
import { PLACES } from '../navigation.ts'
import { setPreferences } from '../preferences.ts'
import * as queries from '../queries.ts'
import { StateIcon } from './state-badge.tsx'

const ITEM = 'flex h-9 cursor-default items-center gap-2.5 rounded-md px-2 text-sm data-[selected=true]:bg-hover'

/** Finds whatever has a name, and does what can be done anywhere. */
export function CommandPalette({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }): ReactElement {
  return (
    <Command.Dialog
      open={isOpen}
      onOpenChange={(open) => (open ? undefined : onClose())}
      label="Find or do anything"
      shouldFilter={false}
      overlayClassName="fixed inset-0 z-40 bg-black/45"
      contentClassName="fixed inset-x-2 top-[10vh] z-50 mx-auto max-w-xl overflow-hidden rounded-lg border border-line bg-surface shadow-raised"
    >
      {isOpen && <Palette onClose={onClose} />}
    </Command.Dialog>
  )
}

function Palette({ onClose }: { readonly onClose: () => void }): ReactElement {
  const [text, setText] = useState('')
  const asked = useDeferredValue(text.trim())
  const navigate = useNavigate()
  const { data: found } = useQuery(queries.search(asked))
  const go = (to: string): void => {
    onClose()
    void navigate({ to, search: {} })
  }
  const matches = (label: string): boolean => label.toLowerCase().includes(text.trim().toLowerCase())
  const places = PLACES.flatMap((group) => group.places).filter(({ label }) => matches(label))
  const actions = [
    { label: 'Use the light appearance', icon: Sun, run: () => setPreferences({ theme: 'light' }) },
    { label: 'Use the dark appearance', icon: Moon, run: () => setPreferences({ theme: 'dark' }) },
  ].filter(({ label }) => matches(label))
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
        {found !== undefined && found.runs.length > 0 && (
          <Command.Group heading="Runs">
            {found.runs.map((run) => (
              <Command.Item key={run.id} value={run.id} onSelect={() => go(`/runs/${run.id}`)} className={ITEM}>
                <StateIcon type={run.state_type} name={run.state_name} />
                <span className="truncate">{run.name}</span>
              </Command.Item>
            ))}
          </Command.Group>
        )}
        {found !== undefined && found.flows.length > 0 && (
          <Command.Group heading="Flows">
            {found.flows.map((flow) => (
              <Command.Item key={flow.id} value={flow.id} onSelect={() => go(`/flows/${flow.id}`)} className={ITEM}>
                <Workflow aria-hidden className="size-4 text-ink-3" />
                <span className="truncate">{flow.name}</span>
              </Command.Item>
            ))}
          </Command.Group>
        )}
        {found !== undefined && found.deployments.length > 0 && (
          <Command.Group heading="Deployments">
            {found.deployments.map((deployment) => (
              <Command.Item key={deployment.id} value={deployment.id} onSelect={() => go(`/deployments/${deployment.id}`)} className={ITEM}>
                <Rocket aria-hidden className="size-4 text-ink-3" />
                <span className="truncate">{deployment.name}</span>
              </Command.Item>
            ))}
          </Command.Group>
        )}
        {found !== undefined && found.pools.length > 0 && (
          <Command.Group heading="Work pools">
            {found.pools.map((pool) => (
              <Command.Item
                key={pool.id}
                value={pool.id}
                onSelect={() => go(`/work-pools/${encodeURIComponent(pool.name)}`)}
                className={ITEM}
              >
                <Server aria-hidden className="size-4 text-ink-3" />
                <span className="truncate">{pool.name}</span>
              </Command.Item>
            ))}
          </Command.Group>
        )}
        {places.length > 0 && (
          <Command.Group heading="Pages">
            {places.map(({ to, label, icon: Icon, key }) => (
              <Command.Item key={to} value={to} onSelect={() => go(to)} className={ITEM}>
                <Icon aria-hidden className="size-4 text-ink-3" />
                {label}
                <kbd className="ml-auto font-mono text-2xs text-ink-3">g {key}</kbd>
              </Command.Item>
            ))}
          </Command.Group>
        )}
        {actions.length > 0 && (
          <Command.Group heading="Actions">
            {actions.map(({ label, icon: Icon, run }) => (
              <Command.Item
                key={label}
                value={label}
                onSelect={() => {
                  onClose()
                  run()
                }}
                className={ITEM}
              >
                <Icon aria-hidden className="size-4 text-ink-3" />
                {label}
              </Command.Item>
            ))}
          </Command.Group>
        )}
      </Command.List>
    </>
  )
}
