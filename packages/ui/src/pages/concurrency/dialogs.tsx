import { useState } from 'react'
import type { FormEvent, ReactElement, ReactNode } from 'react'
import { fixOf, messageOf } from '../../errors.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field, Input } from '../../parts/field.tsx'
import type * as queries from '../../queries.ts'
import { readSlots } from './names.ts'

interface FormProps<Changes> {
  readonly error: Error | null
  readonly isBusy: boolean
  readonly onClose: () => void
  readonly onSave: (changes: Changes) => void
}

const WHOLE = 'A whole number, 0 or more.'

export function LimitDialog({
  limit,
  onSave,
  ...rest
}: FormProps<{ readonly name: string; readonly limit: number; readonly slot_decay_per_second: number }> & {
  readonly limit: queries.GlobalLimit | undefined
}): ReactElement {
  const [name, setName] = useState(limit?.name ?? '')
  const [slots, setSlots] = useState(String(limit?.limit ?? ''))
  const [decay, setDecay] = useState(String(limit?.slot_decay_per_second ?? 0))
  const [isTried, setTried] = useState(false)
  const slotsRead = readSlots(slots)
  const perSecond = decay.trim() === '' ? 0 : Number(decay)
  const decayIs = perSecond >= 0 ? undefined : 'A number, 0 or more.'
  const submit = (): void => {
    setTried(true)
    if (name.trim() !== '' && slotsRead !== undefined && decayIs === undefined)
      onSave({ name: name.trim(), limit: slotsRead, slot_decay_per_second: perSecond })
  }
  return (
    <FormDialog {...rest} title={limit === undefined ? 'New limit' : `Change ${limit.name}`} onSubmit={submit}>
      <Field label="Name" isRequired error={isTried && name.trim() === '' ? 'Give it a name.' : undefined} about="What code asks for.">
        {(ids) => <Input {...ids} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Field label="Slots" isRequired error={isTried && slotsRead === undefined ? WHOLE : undefined} about="How many may be taken at once.">
        {(ids) => <Input {...ids} inputMode="numeric" value={slots} onChange={(event) => setSlots(event.target.value)} />}
      </Field>
      <Field
        label="Slots that come back per second"
        error={decayIs}
        about="0: slots are free when they are given back. More than 0 makes it a rate limit: 0.5 lets one start every two seconds."
      >
        {(ids) => <Input {...ids} inputMode="decimal" value={decay} onChange={(event) => setDecay(event.target.value)} />}
      </Field>
    </FormDialog>
  )
}

export function TagLimitDialog({
  limit,
  onSave,
  ...rest
}: FormProps<{ readonly tag: string; readonly concurrency_limit: number }> & {
  readonly limit: queries.TagLimit | undefined
}): ReactElement {
  const [tag, setTag] = useState(limit?.tag ?? '')
  const [slots, setSlots] = useState(String(limit?.concurrency_limit ?? ''))
  const [isTried, setTried] = useState(false)
  const slotsRead = readSlots(slots)
  const submit = (): void => {
    setTried(true)
    if (tag.trim() !== '' && slotsRead !== undefined) onSave({ tag: tag.trim(), concurrency_limit: slotsRead })
  }
  return (
    <FormDialog {...rest} title={limit === undefined ? 'New tag limit' : `Change ${limit.tag}`} onSubmit={submit}>
      <Field label="Tag" isRequired error={isTried && tag.trim() === '' ? 'Name the tag.' : undefined} about="As tasks carry it.">
        {(ids) => (
          <Input
            {...ids}
            autoFocus={limit === undefined}
            disabled={limit !== undefined}
            value={tag}
            onChange={(event) => setTag(event.target.value)}
          />
        )}
      </Field>
      <Field label="Task runs at once" isRequired error={isTried && slotsRead === undefined ? WHOLE : undefined} about="0 lets none start.">
        {(ids) => <Input {...ids} inputMode="numeric" value={slots} onChange={(event) => setSlots(event.target.value)} />}
      </Field>
    </FormDialog>
  )
}

function FormDialog({
  title,
  error,
  isBusy,
  onClose,
  onSubmit,
  children,
}: {
  readonly title: string
  readonly error: Error | null
  readonly isBusy: boolean
  readonly onClose: () => void
  readonly onSubmit: () => void
  readonly children: ReactNode
}): ReactElement {
  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it as it is</Button>
          <Button look="primary" type="submit" form="limit" isBusy={isBusy}>
            Save
          </Button>
        </>
      }
    >
      <form
        id="limit"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          onSubmit()
        }}
        className="flex flex-col gap-3"
      >
        {children}
        {error !== null && (
          <p role="alert" className="text-sm text-danger">
            {messageOf(error)} {fixOf(error)}
          </p>
        )}
      </form>
    </Dialog>
  )
}
