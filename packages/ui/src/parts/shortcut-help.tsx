import type { ReactElement } from 'react'
import { PLACES } from '../navigation.ts'
import { Dialog } from './dialog.tsx'

const KEYS: readonly (readonly [string, string])[] = [
  ['Ctrl K', 'Find or do anything'],
  ['/', 'Search on this page'],
  ['j  k', 'Next and previous row'],
  ['o', 'Open the row'],
  ['x', 'Mark the row'],
  ['r', 'Retry or run (on a run or a deployment)'],
  ['l', 'Logs (on a run)'],
  ['?', 'This help'],
]

export function ShortcutHelp({ onClose }: { readonly onClose: () => void }): ReactElement {
  const goes = PLACES.flatMap(({ places }) => places.map(({ key, label }) => [`g ${key}`, label] as const))
  return (
    <Dialog title="Keys" isOpen onClose={onClose}>
      <div className="grid gap-x-8 sm:grid-cols-2">
        {[KEYS, goes].map((group) => (
          <dl key={group[0]?.[0]} className="flex flex-col gap-1.5">
            {group.map(([keys, what]) => (
              <div key={keys} className="flex items-center justify-between gap-4 text-sm">
                <dt className="text-ink-2">{what}</dt>
                <dd>
                  <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5 font-mono text-xs">{keys}</kbd>
                </dd>
              </div>
            ))}
          </dl>
        ))}
      </div>
    </Dialog>
  )
}
