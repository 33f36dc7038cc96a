import { useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useAddress } from '../address.ts'
import type { Ahead } from '../ahead.ts'
import * as queries from '../queries.ts'
import { Field, Input } from '../parts/field.tsx'
import { Page } from '../parts/page.tsx'
import { Segmented } from '../parts/segmented.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { isZone, setPreferences, usePreferences } from '../preferences.ts'
import { About } from './settings/about.tsx'
import { AllSettings } from './settings/all-settings.tsx'
import { Keys } from './settings/keys.tsx'
import { Server } from './settings/server.tsx'
import { Storage } from './settings/storage.tsx'

export function askAhead({ ask }: Ahead): void {
  void ask(queries.serverSettings())
  void ask(queries.serverTables())
  void ask(queries.serverReady())
}

export function SettingsPage(): ReactElement {
  const address = useAddress()
  return (
    <Page title="Settings" isFilling>
      <Tabs
        label="Parts of the settings"
        value={address.one('tab') ?? 'server'}
        onChange={(tab) => address.set({ tab: tab === 'server' ? undefined : tab, q: undefined }, { isStep: true })}
        tabs={[
          { id: 'server', label: 'Server', content: <Server /> },
          { id: 'storage', label: 'Storage', content: <Storage /> },
          { id: 'settings', label: 'All settings', content: <AllSettings /> },
          { id: 'appearance', label: 'Appearance', content: <Appearance /> },
          { id: 'keys', label: 'Keys', content: <Keys /> },
          { id: 'about', label: 'About', content: <About /> },
        ]}
      />
    </Page>
  )
}

function Appearance(): ReactElement {
  const { theme, density, zone } = usePreferences()
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
        <Segmented
          label="Density"
          choices={[
            { value: 'comfortable', label: 'Comfortable' },
            { value: 'compact', label: 'Compact' },
          ]}
          value={density}
          onChange={(next) => setPreferences({ density: next })}
        />
      </Choice>
      <Field
        label="Time zone"
        about="`local`, `UTC`, or a name as Europe/Vienna. All moments are written in it."
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
