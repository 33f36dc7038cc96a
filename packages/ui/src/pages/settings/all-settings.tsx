import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Failure } from '../../parts/failure.tsx'
import { SearchInput, Switch } from '../../parts/field.tsx'
import * as queries from '../../queries.ts'
import { settingText } from './setting-text.ts'

/** Every setting of the server, as it is in force. */
export function AllSettings(): ReactElement {
  const address = useAddress()
  const text = (address.one('q') ?? '').toLowerCase()
  const isChanged = address.one('changed') === 'yes'
  const { data, error, isPending, refetch } = useQuery(queries.serverSettings())
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  const rows = (data?.described ?? []).filter(
    ({ key, environment, about, is_default: isDefault }) =>
      (!isChanged || !isDefault) && `${key} ${environment} ${about}`.toLowerCase().includes(text),
  )
  return (
    <div className="flex h-full min-h-0 flex-col gap-3 pt-4">
      <div className="flex flex-wrap items-center gap-3">
        <SearchInput label="Find a setting" value={address.one('q') ?? ''} onChange={(q) => address.set({ q })} shortcut />
        <label htmlFor="changed" className="flex items-center gap-2 text-sm text-ink-2">
          <Switch
            id="changed"
            label="Changed only"
            isOn={isChanged}
            onChange={(isOn) => address.set({ changed: isOn ? 'yes' : undefined })}
          />
          Changed only
        </label>
      </div>
      <DataTable
        label="Settings of the server"
        columns={SETTING_COLUMNS}
        rows={rows}
        idOf={({ key }) => key}
        isLoading={isPending}
        empty={
          <p className="p-6 text-center text-sm text-ink-2">{isChanged ? 'Everything is as it comes.' : 'No setting is like this.'}</p>
        }
      />
    </div>
  )
}

const SETTING_COLUMNS: readonly Column<queries.ShownSetting>[] = [
  {
    id: 'name',
    title: 'Setting',
    width: 'minmax(9rem, 1fr)',
    cell: ({ environment }) => (
      <code className="font-mono text-xs" title={environment}>
        {environment}
      </code>
    ),
  },
  {
    id: 'value',
    title: 'Value',
    width: 'minmax(6rem, 0.8fr)',
    cell: (setting) => (
      <span className={setting.is_default ? 'text-ink-2' : 'font-semibold'}>
        {settingText(setting)}
        {!setting.is_default && <span className="ml-1.5 rounded-full bg-accent-soft px-1.5 text-2xs text-accent-text">changed</span>}
      </span>
    ),
  },
  {
    id: 'about',
    title: 'What it does',
    width: 'minmax(10rem, 2fr)',
    from: 720,
    cell: ({ about }) => (
      <span className="text-ink-2" title={about}>
        {about}
      </span>
    ),
  },
]
