import { useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { Field, Input } from '../../parts/field.tsx'
import { DensityChoice } from '../../parts/density-choice.tsx'
import { Segmented } from '../../parts/segmented.tsx'
import { isZone, setPreferences, usePreferences } from '../../preferences.ts'

/** How this browser shows things. */
export function Appearance(): ReactElement {
  const { theme, zone } = usePreferences()
  const [text, setText] = useState(zone)
  return (
    <div className="flex max-w-xl flex-col gap-5 pt-4">
      <Choice name="Colours" about="As the system has it, or always the same.">
        <Segmented
          label="Colours"
          choices={[
            { value: 'system', label: 'System' },
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
          value={theme}
          onChange={(next) => setPreferences({ theme: next })}
        />
      </Choice>
      <Choice name="Density" about="How many rows a screen holds.">
        <DensityChoice />
      </Choice>
      <Field
        label="Time zone"
        about="local, UTC, or a name as Europe/Vienna. All moments are written in it."
        error={isZone(text) ? undefined : 'No time zone has this name.'}
      >
        {(ids) => (
          <Input
            {...ids}
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              if (isZone(event.target.value)) setPreferences({ zone: event.target.value })
            }}
          />
        )}
      </Field>
      <p className="text-xs text-ink-3">Kept in this browser.</p>
    </div>
  )
}

function Choice({ name, about, children }: { readonly name: string; readonly about: string; readonly children: ReactNode }): ReactElement {
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <div>
        <p className="text-sm font-medium">{name}</p>
        <p className="text-xs text-ink-3">{about}</p>
      </div>
      {children}
    </div>
  )
}
