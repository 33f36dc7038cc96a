import { Globe } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import type { ReactElement } from 'react'
import { setPreferences, usePreferences } from '../preferences.ts'
import { buttonClass } from './button.tsx'
import { Loading } from './failure.tsx'
import { Popover } from './popover.tsx'

const LOCAL = Intl.DateTimeFormat().resolvedOptions().timeZone
const ZoneList = lazy(async () => ({ default: (await import('./zone-list.tsx')).ZoneList }))

/** In which zone all moments are written. */
export function ZonePicker(): ReactElement {
  const { zone } = usePreferences()
  const [isOpen, setOpen] = useState(false)
  return (
    <Popover
      label="Time zone"
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={
        <button type="button" aria-label={`Times in ${zone === 'local' ? `Local (${LOCAL})` : zone}`} className={buttonClass('quiet')}>
          <Globe aria-hidden className="size-4" />
          <span className="hidden text-xs sm:inline">{zone === 'local' ? 'Local' : zone}</span>
        </button>
      }
    >
      <Suspense fallback={<Loading />}>
        <ZoneList
          zone={zone}
          onChoose={(next) => {
            setPreferences({ zone: next })
            setOpen(false)
          }}
        />
      </Suspense>
    </Popover>
  )
}
