import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { CloudOff, Menu as MenuIcon, Moon, PanelLeft, Search, Sun, SunMoon, X } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import type { ReactElement } from 'react'
import { useRefusal } from '../connection.ts'
import { useTimeFormat } from '../format.ts'
import { useLiveStatus } from '../live.ts'
import { PLACES } from '../navigation.ts'
import { setPreferences, usePreferences } from '../preferences.ts'
import type { Preferences } from '../preferences.ts'
import { useShortcuts } from '../shortcuts.ts'
import { IconButton } from './button.tsx'
import { CommandPalette } from './command-palette.tsx'
import { Loading } from './failure.tsx'
import { Hints } from './hints.tsx'
import { SignIn } from './sign-in.tsx'
import { Toasts } from './toasts.tsx'
import { ZonePicker } from './zone-picker.tsx'

/** What stands around every page. */
export function Shell(): ReactElement {
  const refusal = useRefusal()
  return (
    <>
      {refusal === undefined ? <Frame /> : <SignIn why={refusal} />}
      <Toasts />
      <Hints />
    </>
  )
}

const THEMES = { system: 'light', light: 'dark', dark: 'system' } as const satisfies Record<Preferences['theme'], Preferences['theme']>
const THEME_ICONS = { system: SunMoon, light: Sun, dark: Moon } as const

// Fetched when somebody asks for it. The palette is there from the start: whoever opens it types at once.
const ShortcutHelp = lazy(async () => ({ default: (await import('./shortcut-help.tsx')).ShortcutHelp }))

function Frame(): ReactElement {
  const [isMenuOpen, setMenuOpen] = useState(false)
  const [isPaletteOpen, setPaletteOpen] = useState(false)
  const [isHelpOpen, setHelpOpen] = useState(false)
  const { theme, isSidebarNarrow } = usePreferences()
  const navigate = useNavigate()
  const goes = Object.fromEntries(
    PLACES.flatMap(({ places }) => places.map(({ key, to }) => [`g ${key}`, () => void navigate({ to, search: {} })])),
  )
  useShortcuts({
    ...goes,
    'mod+k': () => setPaletteOpen(true),
    '?': () => setHelpOpen(true),
    '/': () => {
      const field = document.querySelector<HTMLElement>('[data-shortcut="/"]')
      if (field === null) setPaletteOpen(true)
      else field.focus()
    },
  })
  return (
    <div className="flex h-dvh overflow-hidden">
      <a
        href="#content"
        onClick={(event) => {
          event.preventDefault()
          document.querySelector<HTMLElement>('#content')?.focus()
        }}
        className="absolute -top-20 left-2 z-50 rounded-md bg-accent px-3 py-2 text-sm text-accent-ink focus:top-2"
      >
        Go to the content
      </a>
      <aside className={`hidden shrink-0 flex-col border-r border-line bg-surface md:flex ${isSidebarNarrow ? 'w-14' : 'w-56'}`}>
        <div className={`flex h-12 items-center ${isSidebarNarrow ? 'justify-center' : 'justify-between pr-2 pl-4'}`}>
          {!isSidebarNarrow && <Brand />}
          <IconButton
            label={isSidebarNarrow ? 'Show the names of pages' : 'Show icons only'}
            icon={PanelLeft}
            size="small"
            onClick={() => setPreferences({ isSidebarNarrow: !isSidebarNarrow })}
          />
        </div>
        <Places isNarrow={isSidebarNarrow} />
        <div className="mt-auto p-3">
          <LiveDot isNarrow={isSidebarNarrow} />
        </div>
      </aside>
      {isMenuOpen && (
        <div className="fixed inset-0 z-30 md:hidden">
          <button type="button" aria-label="Close the menu" className="absolute inset-0 bg-black/45" onClick={() => setMenuOpen(false)} />
          <aside className="absolute inset-y-0 left-0 flex w-64 flex-col overflow-y-auto border-r border-line bg-surface">
            <div className="flex h-12 items-center justify-between pr-2 pl-4">
              <Brand />
              <IconButton label="Close the menu" icon={X} onClick={() => setMenuOpen(false)} />
            </div>
            <Places isNarrow={false} onGo={() => setMenuOpen(false)} />
            <div className="mt-auto p-3">
              <LiveDot isNarrow={false} />
            </div>
          </aside>
        </div>
      )}
      <div className="flex min-w-0 flex-1 flex-col">
        <div className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-3">
          <div className="md:hidden">
            <IconButton label="Open the menu" icon={MenuIcon} onClick={() => setMenuOpen(true)} />
          </div>
          <button
            type="button"
            onClick={() => setPaletteOpen(true)}
            className="flex h-8 w-full max-w-80 min-w-0 items-center gap-2 rounded-md border border-line bg-sunken px-2.5 text-sm text-ink-3 hover:border-line-strong"
          >
            <Search aria-hidden className="size-4 shrink-0" />
            <span className="truncate">Find or do anything</span>
            <kbd className="ml-auto hidden shrink-0 rounded border border-line bg-surface px-1.5 font-mono text-2xs sm:block">Ctrl K</kbd>
          </button>
          <div className="ml-auto flex items-center gap-1">
            <ZonePicker />
            <IconButton label={`Appearance: ${theme}`} icon={THEME_ICONS[theme]} onClick={() => setPreferences({ theme: THEMES[theme] })} />
          </div>
        </div>
        <AwayNotice />
        <main id="content" tabIndex={-1} className="flex min-h-0 flex-1 flex-col overflow-auto outline-none">
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      {isPaletteOpen && <CommandPalette onClose={() => setPaletteOpen(false)} />}
      <Suspense>{isHelpOpen && <ShortcutHelp onClose={() => setHelpOpen(false)} />}</Suspense>
    </div>
  )
}

/** Whatever page is open is as it was when the server was heard last. */
function AwayNotice(): ReactElement | null {
  return useLiveStatus() === 'away' ? <Away /> : null
}

function Away(): ReactElement {
  const [since] = useState(() => Date.now())
  const format = useTimeFormat()
  return (
    <p
      role="status"
      className="pointer-events-none fixed bottom-3 left-1/2 z-40 flex w-max max-w-[calc(100%-1.5rem)] -translate-x-1/2 items-center gap-2 rounded-md border border-line bg-surface px-3 py-2 text-sm shadow-raised [animation:appear_200ms_ease-out_1500ms_backwards]"
    >
      <CloudOff aria-hidden className="size-4 shrink-0 text-(--state-late-text)" />
      <span>
        The server does not answer. You see what was known at <span className="tabular">{format.time(since)}</span>; the page goes on by
        itself.
      </span>
    </p>
  )
}

function Brand(): ReactElement {
  return (
    <Link to="/" className="flex items-center gap-2 text-lg font-semibold tracking-tight">
      <img src="./favicon.svg" alt="" className="size-6" />
      Tutti
    </Link>
  )
}

function Places({ isNarrow, onGo }: { readonly isNarrow: boolean; readonly onGo?: () => void }): ReactElement {
  return (
    <nav aria-label="Pages" className="flex flex-col gap-3 overflow-y-auto px-2 py-2">
      {PLACES.map(({ label, places }) => (
        <div key={label}>
          {!isNarrow && <p className="px-2 pb-1 text-2xs font-medium text-ink-3">{label}</p>}
          <ul>
            {places.map(({ to, label: name, icon: Icon, key }) => (
              <li key={to}>
                <Link
                  to={to}
                  search={{}}
                  title={`${name} (g ${key})`}
                  {...(onGo === undefined ? undefined : { onClick: onGo })}
                  activeOptions={{ exact: to === '/', includeSearch: false }}
                  className={`flex h-8 items-center gap-2.5 rounded-md text-sm text-ink-2 hover:bg-hover hover:text-ink data-[status=active]:bg-accent-soft data-[status=active]:font-medium data-[status=active]:text-accent-text ${isNarrow ? 'justify-center' : 'px-2'}`}
                >
                  <Icon aria-hidden className="size-4 shrink-0" />
                  {isNarrow ? <span className="sr-only">{name}</span> : name}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}

const LIVE = {
  connecting: { text: 'Connecting', colour: 'var(--state-scheduled)' },
  live: { text: 'Live', colour: 'var(--state-completed)' },
  away: { text: 'Server away, trying again', colour: 'var(--state-late)' },
} as const

function LiveDot({ isNarrow }: { readonly isNarrow: boolean }): ReactElement {
  const { text, colour } = LIVE[useLiveStatus()]
  return (
    <p role="status" title={text} className={`flex items-center gap-2 text-xs text-ink-3 ${isNarrow ? 'justify-center' : 'px-1'}`}>
      <span aria-hidden className="size-2 rounded-full" style={{ background: colour }} />
      <span className={isNarrow ? 'sr-only' : ''}>{text}</span>
    </p>
  )
}
