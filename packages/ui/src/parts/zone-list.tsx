// The zones of the world to choose from: fetched when somebody opens the list.
import { Command } from 'cmdk'
import { Check } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { offsetOf, zonesFor } from './zones.ts'

const ALL = Intl.supportedValuesOf('timeZone')
const LOCAL = Intl.DateTimeFormat().resolvedOptions().timeZone

export function ZoneList({ zone, onChoose }: { readonly zone: string; readonly onChoose: (zone: string) => void }): ReactElement {
  const [text, setText] = useState('')
  const [now] = useState(() => Date.now())
  const shown = useMemo(() => zonesFor(text, ALL, ['local', 'UTC', ...(zone === 'local' ? [] : [zone])]), [text, zone])
  return (
    <Command label="Time zone" shouldFilter={false}>
      <Command.Input
        autoFocus
        value={text}
        onValueChange={setText}
        placeholder="A city or UTC"
        className="h-9 w-full rounded-md border border-line-strong bg-surface px-2.5 text-sm outline-none placeholder:text-ink-3"
      />
      <Command.List className="mt-2 max-h-72 overflow-y-auto">
        <Command.Empty className="p-4 text-center text-sm text-ink-3">No zone has this name.</Command.Empty>
        {shown.map((each) => (
          <Command.Item
            key={each}
            value={each}
            onSelect={() => onChoose(each)}
            className="flex h-8 cursor-default items-center gap-2 rounded-md px-2 text-sm data-[selected=true]:bg-hover"
          >
            <Check aria-hidden className={`size-3.5 shrink-0 ${each === zone ? '' : 'invisible'}`} />
            <span className="truncate">{each === 'local' ? `Local (${LOCAL})` : each.replaceAll('_', ' ')}</span>
            {each === zone && <span className="sr-only">chosen</span>}
            <span className="tabular ml-auto shrink-0 text-2xs text-ink-3">
              {each === 'UTC' ? '' : offsetOf(each === 'local' ? LOCAL : each, now)}
            </span>
          </Command.Item>
        ))}
      </Command.List>
    </Command>
  )
}
