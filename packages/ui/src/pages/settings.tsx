import type { ReactElement } from 'react'
import { useAddress } from '../address.ts'
import type { Ahead } from '../ahead.ts'
import * as queries from '../queries.ts'
import { Page } from '../parts/page.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { About } from './settings/about.tsx'
import { AllSettings } from './settings/all-settings.tsx'
import { Appearance } from './settings/appearance.tsx'
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
