import { useState } from 'react'
import type { ReactElement } from 'react'
import { Dialog } from '../../../parts/dialog.tsx'
import { CopyButton } from '../../../parts/empty.tsx'
import { Segmented } from '../../../parts/segmented.tsx'
import type { Code } from './copy-as-code.ts'

type Kind = keyof Code

const NAMES: Readonly<Record<Kind, string>> = { typescript: 'TypeScript', cli: 'Command', curl: 'curl' }

/** A run as code, in the language one chooses. */
export function CodeDialog({ code, onClose }: { readonly code: Code; readonly onClose: () => void }): ReactElement {
  const [kind, setKind] = useState<Kind>('typescript')
  const kinds = (['typescript', 'cli', 'curl'] as const).filter((each) => code[each] !== undefined)
  const text = code[kind] ?? ''
  return (
    <Dialog title="This run as code" about="Makes another run with the same parameters." isOpen isWide onClose={onClose}>
      <div className="flex items-center justify-between gap-2">
        <Segmented label="Language" value={kind} onChange={setKind} choices={kinds.map((value) => ({ value, label: NAMES[value] }))} />
        <CopyButton text={text} label="Copy the code" />
      </div>
      <pre className="mt-3 max-h-96 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs leading-5">{text}</pre>
    </Dialog>
  )
}
