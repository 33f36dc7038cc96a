import { Check, Copy } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { IconButton } from './button.tsx'

export interface EmptyProps {
  readonly icon: LucideIcon
  readonly title: string
  readonly children?: ReactNode
  /** What a person types to fill it, exactly. */
  readonly command?: string
  readonly action?: ReactNode
}

/** Nothing is here; this fills it. */
export function Empty({ icon: Icon, title, children, command, action }: EmptyProps): ReactElement {
  return (
    <div className="flex flex-col items-center px-4 py-12 text-center">
      <span className="mb-3 grid size-10 place-items-center rounded-full bg-sunken text-ink-3">
        <Icon aria-hidden className="size-5" />
      </span>
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="mt-1 max-w-md text-sm text-ink-2">{children}</div>}
      {command !== undefined && <Command text={command} />}
      {action !== undefined && <div className="mt-4">{action}</div>}
    </div>
  )
}

export function Command({ text }: { readonly text: string }): ReactElement {
  return (
    <div className="mt-4 flex max-w-full items-center gap-1 rounded-md border border-line bg-sunken py-1 pr-1 pl-3">
      <code tabIndex={0} className="overflow-x-auto font-mono text-xs whitespace-pre text-ink">
        {text}
      </code>
      <CopyButton text={text} label="Copy the command" />
    </div>
  )
}

const SHOWN_MS = 1_500

export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }): ReactElement {
  const [isCopied, setCopied] = useState(false)
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true)
      setTimeout(() => setCopied(false), SHOWN_MS)
    })
  }
  return <IconButton label={isCopied ? 'Copied' : label} icon={isCopied ? Check : Copy} size="small" onClick={copy} />
}
