import type { ReactElement } from 'react'
import { CopyButton } from './empty.tsx'

/** Code that can be taken along. */
export function Code({ label, text }: { readonly label: string; readonly text: string }): ReactElement {
  return (
    <div className="min-w-0">
      <div className="flex items-center justify-between">
        <h3 className="text-xs font-medium text-ink-2">{label}</h3>
        <CopyButton text={text} label={`Copy the code in ${label}`} />
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keys */}
      <pre
        tabIndex={0}
        aria-label={label}
        className="overflow-x-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs leading-5"
      >
        {text}
      </pre>
    </div>
  )
}
