import { useState } from 'react'
import type { FormEvent, ReactElement } from 'react'
import { fixOf, messageOf } from '../../errors.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field, Input, Switch, TextArea } from '../../parts/field.tsx'
import { Segmented } from '../../parts/segmented.tsx'
import type * as queries from '../../queries.ts'
import { Code } from '../../parts/code.tsx'
import { codeOf, formKind, KINDS, nameProblem, readTags, readValue, writeValue } from './value-text.ts'
import type { Kind } from './value-text.ts'

const ABOUT = 'Whoever may read variables sees it: a secret belongs into a block.'

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
  const [kind, setKind] = useState<Kind>(() => (variable === undefined ? 'text' : formKind(variable.value)))
  const [text, setText] = useState(() => (variable === undefined ? '' : writeValue(variable.value, kind)))
  const [tags, setTags] = useState(variable?.tags.join(', ') ?? '')
  const [isTried, setTried] = useState(false)
  const nameIs = nameProblem(name)
  const read = readValue(text, kind)
  const valueIs = 'problem' in read ? read.problem : undefined
  const code = variable === undefined ? undefined : codeOf(variable.name, variable.value)
  const choose = (next: Kind): void => {
    // What was typed stays, as far as it is one of the other kind.
    if (next === 'JSON' && 'value' in read && text !== '') setText(writeValue(read.value, next))
    else if (next === 'text' && 'value' in read) setText(writeValue(read.value, next))
    else if (next === 'yes or no') setText(text.trim() === 'true' ? 'true' : 'false')
    setKind(next)
  }
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
        <div className="flex flex-col gap-1.5">
          <span aria-hidden className="text-sm font-medium">
            Kind
          </span>
          <div>
            <Segmented
              label="Kind of value"
              choices={KINDS.map((each) => ({ value: each, label: each.charAt(0).toUpperCase() + each.slice(1) }))}
              value={kind}
              onChange={choose}
            />
          </div>
        </div>
        <Field
          label="Value"
          isRequired={kind !== 'text'}
          error={isTried || text !== '' ? valueIs : undefined}
          about={kind === 'JSON' ? 'A list or an object: ["eu", "us"], {"fastLoad": true}. Whoever may read variables sees it.' : ABOUT}
        >
          {(ids) =>
            kind === 'yes or no' ? (
              <span className="flex h-8 items-center gap-2.5">
                <Switch id={ids.id} label="Value" isOn={text === 'true'} onChange={(isOn) => setText(String(isOn))} />
                <code aria-hidden className="font-mono text-xs text-ink-2">
                  {text}
                </code>
              </span>
            ) : kind === 'number' ? (
              <Input {...ids} inputMode="decimal" autoComplete="off" value={text} onChange={(event) => setText(event.target.value)} />
            ) : (
              <TextArea
                {...ids}
                rows={kind === 'JSON' ? 8 : 3}
                spellCheck={false}
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            )
          }
        </Field>
        <Field label="Tags" about="With commas between them.">
          {(ids) => <Input {...ids} value={tags} onChange={(event) => setTags(event.target.value)} />}
        </Field>
        {error !== null && (
          <p role="alert" className="text-sm text-danger">
            {messageOf(error)} {fixOf(error)}
          </p>
        )}
        {code !== undefined && (
          <div className="flex flex-col gap-2 border-t border-line pt-3">
            <Code label="TypeScript" text={code.typescript} />
            <Code label="Python" text={code.python} />
            <Code label="Command" text={code.command} />
          </div>
        )}
      </form>
    </Dialog>
  )
}
