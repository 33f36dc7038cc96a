import { useState } from 'react'
import type { ReactElement } from 'react'

/** The logo of a block type, or its first letter. */
export function TypeMark({ name, logoUrl }: { readonly name: string; readonly logoUrl: string | null }): ReactElement {
  const [isBroken, setBroken] = useState(false)
  if (logoUrl !== null && /^(?:https:|data:image\/)/.test(logoUrl) && !isBroken)
    return (
      <img
        alt=""
        src={logoUrl}
        referrerPolicy="no-referrer"
        onError={() => setBroken(true)}
        className="size-8 shrink-0 rounded-md border border-line bg-white object-contain p-1"
      />
    )
  return (
    <span aria-hidden className="grid size-8 shrink-0 place-items-center rounded-md bg-sunken text-sm font-semibold text-ink-2">
      {name.trim().charAt(0).toUpperCase()}
    </span>
  )
}
