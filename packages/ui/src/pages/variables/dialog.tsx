import { useState } from 'react'
import type { FormEvent, ReactElement } from 'react'
import { fixOf, messageOf } from '../../errors.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field, Input, TextArea } from '../../parts/field.tsx'
import type * as queries from '../../queries.ts'
import { nameProblem, readTags, readValue, writeValue } from './value-text.ts'

/** A variable as a form: its value is checked as it is typed. */
export function VariableDialog({
  variable,
  error,
  isBusy,
  onClose,
  onSave,
}: {
  readonly variable: queries.Variable | undefined
  readonly error: Error | null
  readonly isBusy: boolean
  readonly onClose: () => void
  readonly onSave: (changes: queries.VariableChanges) => void
}): ReactElement {
  const [name, setName] = useState(variable?.name ?? '')
  const [text, setText] = useState(variable === undefined ? '' : writeValue(variable.value))
  const [tags, setTags] = useState(variable?.tags.join(', ') ?? '')
  const [isTried, setTried] = useState(false)
  const nameIs = nameProblem(name)
  const read = readValue(text)
  const valueIs = 'problem' in read ? read.problem : undefined
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (nameIs === undefined && 'value' in read) onSave({ name, value: read.value, tags: readTags(tags) })
  }
  return (
    <Dialog
      title={variable === undefined ? 'New variable' : `Change ${variable.name}`}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it as it is</Button>
          <Button look="primary" type="submit" form="variable" isBusy={isBusy}>
            Save
          </Button>
        </>
      }
    >
      <form id="variable" onSubmit={submit} className="flex flex-col gap-3">
        <Field
          label="Name"
          isRequired
          error={isTried || name !== '' ? nameIs : undefined}
          about="Lowercase letters, numbers, dashes and underscores."
        >
          {(ids) => <Input {...ids} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field
          label="Value"
          isRequired
          error={isTried || text !== '' ? valueIs : undefined}
          about={'note' in read ? read.note : 'JSON: 500, "text", true, ["eu", "us"], {"fastLoad": true}.'}
        >
          {(ids) => <TextArea {...ids} rows={6} spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />}
        </Field>
        <Field label="Tags" about="With commas between them.">
          {(ids) => <Input {...ids} value={tags} onChange={(event) => setTags(event.target.value)} />}
        </Field>
        {error !== null && (
          <p role="alert" className="text-sm text-danger">
            {messageOf(error)} {fixOf(error)}
          </p>
        )}
      </form>
    </Dialog>
  )
}
