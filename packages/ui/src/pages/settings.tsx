import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useAddress } from '../address.ts'
import { useChange } from '../change.ts'
import { root } from '../connection.ts'
import { bytes, number, plural } from '../format.ts'
import { useLiveStatus } from '../live.ts'
import { PLACES } from '../navigation.ts'
import { Button } from '../parts/button.tsx'
import { DataTable } from '../parts/data-table.tsx'
import type { Column } from '../parts/data-table.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { CopyButton } from '../parts/empty.tsx'
import { Failure, Loading } from '../parts/failure.tsx'
import { Field, Input, SearchInput, Select, Switch } from '../parts/field.tsx'
import { Page, Section } from '../parts/page.tsx'
import { Segmented } from '../parts/segmented.tsx'
import { Tabs } from '../parts/tabs.tsx'
import { Ago, Took } from '../parts/time-text.tsx'
import { tell } from '../parts/toasts.tsx'
import { isZone, setPreferences, usePreferences } from '../preferences.ts'
import * as queries from '../queries.ts'
import { settingText, tableText } from './settings/setting-text.ts'

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

function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }): ReactElement {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-2.5 p-4 text-sm">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-3">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const DATABASES: Readonly<Record<string, string>> = { sqlite: 'SQLite', postgres: 'PostgreSQL' }

function Server(): ReactElement {
  const { data, error, refetch } = useQuery(queries.serverSettings())
  const { data: tables } = useQuery(queries.serverTables())
  const ready = useQuery(queries.serverReady())
  const live = useLiveStatus()
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Loading />
  const address = new URL('api', root).href
  const database = data.database?.type ?? tables?.dialect ?? ''
  const startedAt = data.startedAt === undefined ? undefined : new Date(data.startedAt).toISOString()
  return (
    <div className="grid items-start gap-4 pt-4 lg:grid-cols-2">
      <Section title="Server">
        <Facts
          facts={[
            ['Version', `Tutti ${data.server?.version ?? 'of an unknown version'}`],
            [
              'Address',
              <span key="address" className="flex items-center gap-1">
                <code className="font-mono text-xs break-all">{address}</code>
                <CopyButton text={address} label="Copy the address" />
              </span>,
            ],
            ['Up for', <Took key="up" from={startedAt} to={null} />],
            ['Ready', ready.isPending ? '–' : ready.error === null ? 'Yes: it reaches its database' : 'No: it does not reach its database'],
            ['Live view', live === 'live' ? 'Connected' : 'Not connected'],
            ['Database', `${DATABASES[database] ?? database}${tables === undefined ? '' : `, ${bytes(tables.bytes)}`}`],
            [
              'Home',
              <code key="home" className="font-mono text-xs break-all">
                {data.home ?? '–'}
              </code>,
            ],
          ]}
        />
      </Section>
      <Maintenance />
    </div>
  )
}

const CATCH_UPS = [
  { value: 'all', label: 'Start them all, late' },
  { value: 'latest', label: 'Start the newest of each schedule' },
  { value: 'none', label: 'Leave them out' },
] as const

function Maintenance(): ReactElement {
  const { data, error, refetch } = useQuery(queries.maintenance())
  const start = useChange(queries.startMaintenance, ['maintenance'])
  const end = useChange(queries.endMaintenance, ['maintenance'])
  const [asked, setAsked] = useState<'start' | 'end'>()
  const [message, setMessage] = useState('')
  const [catchUp, setCatchUp] = useState<'all' | 'latest' | 'none'>('all')
  const mode = data?.modes.find(({ scope }) => scope === 'server')
  const pools = data?.modes.filter(({ scope }) => scope === 'pool') ?? []
  const close = (): void => setAsked(undefined)
  return (
    <Section
      title="Maintenance"
      actions={
        <Switch
          label="Maintenance mode"
          isOn={mode !== undefined}
          isDisabled={data === undefined}
          onChange={(isOn) => setAsked(isOn ? 'start' : 'end')}
        />
      }
    >
      {error !== null && data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <div className="flex flex-col gap-2 p-4 text-sm text-ink-2">
          {mode === undefined ? (
            <p>Off. Turned on, nothing new starts; what runs goes on to its end. Schedules go on making runs, which wait.</p>
          ) : (
            <>
              <p className="font-medium" style={{ color: 'var(--state-late-text)' }}>
                On since <Ago at={mode.started} />: nothing new starts.
              </p>
              {mode.message !== null && <p>{mode.message}</p>}
            </>
          )}
          <p className="tabular">{plural(data?.running ?? 0, 'run')} under way now.</p>
          {pools.map((pool) => (
            <p key={pool.work_pool_id}>
              The work pool {pool.work_pool_name} is in maintenance since <Ago at={pool.started} />.
            </p>
          ))}
        </div>
      )}
      <Dialog
        title="Start maintenance?"
        about="Nothing new starts on this server until it ends. What runs goes on to its end."
        isOpen={asked === 'start'}
        onClose={close}
        footer={
          <>
            <Button onClick={close}>Keep it as it is</Button>
            <Button
              look="primary"
              isBusy={start.isPending}
              onClick={() => start.mutate(message.trim() === '' ? null : message.trim(), { onSettled: close })}
            >
              Start maintenance
            </Button>
          </>
        }
      >
        <Field label="Why" about="Shown to whoever asks why a run waits.">
          {(ids) => <Input {...ids} autoFocus maxLength={1_000} value={message} onChange={(event) => setMessage(event.target.value)} />}
        </Field>
      </Dialog>
      <Dialog
        title="End maintenance?"
        isOpen={asked === 'end'}
        onClose={close}
        footer={
          <>
            <Button onClick={close}>Keep it as it is</Button>
            <Button
              look="primary"
              isBusy={end.isPending}
              onClick={() =>
                end.mutate(catchUp, {
                  onSuccess: ({ skipped }) => skipped > 0 && tell({ tone: 'info', text: `${plural(skipped, 'run')} left out.` }),
                  onSettled: close,
                })
              }
            >
              End maintenance
            </Button>
          </>
        }
      >
        <Field label="Runs of schedules that became due meanwhile">
          {({ id }) => (
            <Select
              id={id}
              label="Runs that became due"
              options={CATCH_UPS}
              value={catchUp}
              onChange={(next) => setCatchUp(next as typeof catchUp)} // of the options
            />
          )}
        </Field>
      </Dialog>
    </Section>
  )
}

type Table = { readonly name: string; readonly rows: number; readonly bytes: number; readonly estimated: boolean }

function Storage(): ReactElement {
  const { data, error, isPending, refetch } = useQuery(queries.serverTables())
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  if (isPending || data === undefined) return <Loading />
  const kept = (days: number | null): string => (days === null ? 'as long as the database' : plural(days, 'day'))
  const most = Math.max(1, ...data.tables.map((table) => table.bytes))
  const about = data.tables.some(({ estimated }) => estimated)
  const columns: readonly Column<Table>[] = [
    { id: 'name', title: 'Table', width: 'minmax(8rem, 1fr)', cell: ({ name }) => tableText(name) },
    { id: 'rows', title: about ? 'Rows, about' : 'Rows', width: '6.5rem', align: 'right', from: 400, cell: ({ rows }) => number(rows) },
    { id: 'size', title: 'Size', width: '5.5rem', align: 'right', cell: ({ bytes: size }) => bytes(size) },
    {
      id: 'share',
      title: '',
      width: 'minmax(5rem, 1fr)',
      from: 560,
      cell: ({ bytes: size }) => (
        <span aria-hidden className="block h-1.5 rounded-full bg-accent" style={{ width: `max(2px, ${(size / most) * 100}%)` }} />
      ),
    },
  ]
  return (
    <div className="grid items-start gap-4 pt-4 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <Section title="What is kept">
        <Facts
          facts={[
            ['Database', `${DATABASES[data.dialect]}, ${bytes(data.bytes)}`],
            ['Flow runs', kept(data.retention.flow_run_days)],
            ['Logs', kept(data.retention.log_days)],
            ['Events', kept(data.retention.event_days)],
            ['Last deleted', data.retention.last_run === null ? 'not yet' : <Ago key="last" at={data.retention.last_run} />],
          ]}
        />
        <p className="border-t border-line px-4 py-3 text-xs text-ink-3">
          Changed where the server starts: <code className="font-mono">TUTTI_KEEP_FLOW_RUNS</code>,{' '}
          <code className="font-mono">TUTTI_KEEP_LOGS</code>, <code className="font-mono">TUTTI_KEEP_EVENTS</code>.
        </p>
      </Section>
      <DataTable
        label="Tables of the database"
        height="rows"
        columns={columns}
        rows={data.tables}
        idOf={({ name }) => name}
        empty={<p className="p-4 text-sm">There are no tables.</p>}
      />
    </div>
  )
}

function AllSettings(): ReactElement {
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

function Keys(): ReactElement {
  const goes = PLACES.flatMap(({ places }) => places.map(({ key, label }) => [`g ${key}`, `Go to ${label.toLowerCase()}`] as const))
  return (
    <div className="max-w-3xl pt-4">
      <p className="mb-3 text-sm text-ink-2">
        <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5 font-mono text-xs">?</kbd> shows all keys anywhere.
      </p>
      <dl className="grid gap-x-8 gap-y-1.5 sm:grid-cols-2">
        {goes.map(([keys, what]) => (
          <div key={keys} className="flex items-center justify-between gap-4 text-sm">
            <dt className="text-ink-2">{what}</dt>
            <dd>
              <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5 font-mono text-xs">{keys}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

const LICENCES: readonly (readonly [string, string])[] = [
  ['React', 'MIT'],
  ['TanStack Router, Query, Virtual', 'MIT'],
  ['Radix UI', 'MIT'],
  ['cmdk', 'MIT'],
  ['Tailwind CSS', 'MIT'],
  ['react-markdown, remark-gfm', 'MIT'],
  ['react-hook-form', 'MIT'],
  ['uPlot', 'MIT'],
  ['Lucide', 'ISC'],
  ['Inter, JetBrains Mono', 'SIL Open Font License 1.1'],
]

function About(): ReactElement {
  const { data } = useQuery(queries.serverSettings())
  return (
    <div className="grid items-start gap-4 pt-4 lg:grid-cols-2">
      <Section title="Tutti">
        <Facts
          facts={[
            ['Version', data?.server?.version ?? '–'],
            ['Licence', 'Apache 2.0'],
            [
              'Reference of the API',
              <a key="docs" href={new URL('docs/api', root).href} className="text-accent-text hover:underline">
                /docs/api
              </a>,
            ],
            [
              'Licences of its parts',
              <a key="licences" href={new URL('licenses.txt', root).href} className="text-accent-text hover:underline">
                licenses.txt
              </a>,
            ],
          ]}
        />
      </Section>
      <Section title="Made with">
        <Facts facts={LICENCES} />
      </Section>
    </div>
  )
}
