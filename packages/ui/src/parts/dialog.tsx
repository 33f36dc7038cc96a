import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'
import { Button, IconButton } from './button.tsx'

export interface DialogProps {
  readonly title: string
  readonly about?: ReactNode
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly children: ReactNode
  /** Buttons, the one that does it last. */
  readonly footer?: ReactNode
  readonly isWide?: boolean
}

export function Dialog({ title, about, isOpen, onClose, children, footer, isWide = false }: DialogProps): ReactElement {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => (open ? undefined : onClose())}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/45 animate-[appear_120ms_ease-out]" />
        <Radix.Content
          {...(about === undefined ? { 'aria-describedby': undefined } : undefined)}
          className={`fixed inset-x-2 bottom-2 z-40 mx-auto flex max-h-[calc(100dvh-1rem)] flex-col rounded-lg border border-line bg-surface shadow-raised animate-[appear_150ms_ease-out] sm:top-[8vh] sm:bottom-auto sm:max-h-[84vh] ${isWide ? 'max-w-4xl' : 'max-w-lg'}`}
        >
          <header className="flex items-start justify-between gap-4 border-b border-line py-3 pr-3 pl-5">
            <div className="min-w-0">
              <Radix.Title className="text-lg font-semibold break-words">{title}</Radix.Title>
              {about !== undefined && <Radix.Description className="mt-0.5 text-sm text-ink-2">{about}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <IconButton label="Close" icon={X} />
            </Radix.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
          {footer !== undefined && <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** Asks once more before something that cannot be taken back. */
export function Confirm({
  title,
  children,
  verb,
  isOpen,
  isBusy = false,
  onClose,
  onConfirm,
}: {
  readonly title: string
  readonly children: ReactNode
  /** What the button does: `Delete 3 runs`. */
  readonly verb: string
  readonly isOpen: boolean
  readonly isBusy?: boolean
  readonly onClose: () => void
  readonly onConfirm: () => void
}): ReactElement {
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it as it is</Button>
          <Button look="danger" isBusy={isBusy} onClick={onConfirm}>
            {verb}
          </Button>
        </>
      }
    >
      <div className="text-sm text-ink-2">{children}</div>
    </Dialog>
  )
}
