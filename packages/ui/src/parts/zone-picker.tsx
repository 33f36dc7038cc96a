import { Globe } from 'lucide-react'
import type { ReactElement } from 'react'
import { isZone, setPreferences, usePreferences } from '../preferences.ts'
import { buttonClass } from './button.tsx'
import { Menu } from './menu.tsx'

const LOCAL = Intl.DateTimeFormat().resolvedOptions().timeZone

/** In which zone all moments are written. Pages that show a schedule offer its zone too. */
export function ZonePicker(): ReactElement {
  const { zone } = usePreferences()
  const zones = [...new Set(['local', 'UTC', ...(zone === 'local' ? [] : [zone])])]
  const label = (each: string): string => (each === 'local' ? `Local (${LOCAL})` : each)
  return (
    <Menu
      trigger={
        <button type="button" aria-label={`Times in ${label(zone)}`} className={buttonClass('quiet')}>
          <Globe aria-hidden className="size-4" />
          <span className="hidden text-xs sm:inline">{zone === 'local' ? 'Local' : zone}</span>
        </button>
      }
      items={[
        ...zones.map((each) => ({ label: label(each), isChosen: each === zone, onSelect: () => setPreferences({ zone: each }) })),
        null,
        {
          label: 'Another zone …',
          onSelect: () => {
            const asked = prompt('Time zone, as in the IANA list (Europe/Vienna):', zone === 'local' ? LOCAL : zone)?.trim()
            if (asked !== undefined && isZone(asked)) setPreferences({ zone: asked })
          },
        },
      ]}
    />
  )
}
