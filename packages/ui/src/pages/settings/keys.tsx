import type { ReactElement } from 'react'
import { PLACES } from '../../navigation.ts'

/** Which keys lead where. */
export function Keys(): ReactElement {
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
