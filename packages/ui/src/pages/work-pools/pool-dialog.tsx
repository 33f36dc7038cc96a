import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { FormEvent, ReactElement } from 'react'
import { useChange } from '../../change.ts'
import { fixOf, messageOf } from '../../errors.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Field, Input, Select } from '../../parts/field.tsx'
import * as queries from '../../queries.ts'
import type { WorkPool } from '../../queries/values.ts'
import { poolNameProblem, readLimit } from './pool-form.ts'

/** A new pool, or changes to one. */
export function PoolDialog({
  pool,
  taken = [],
  onClose,
  onDone,
}: {
  readonly pool?: WorkPool
  readonly taken?: readonly string[]
  readonly onClose: () => void
  readonly onDone: (name: string) => void
}): ReactElement {
  const { data: types = [] } = useQuery(queries.poolTypes())
  const [name, setName] = useState(pool?.name ?? '')
  const [type, setType] = useState(pool?.type ?? 'process')
  const [description, setDescription] = useState(pool?.description ?? '')
  const [limitText, setLimitText] = useState(String(pool?.concurrency_limit ?? ''))
  const [isTried, setTried] = useState(false)
  const create = useChange(queries.createPool, ['work-pools'], { isShown: true })
  const update = useChange(queries.updatePool, ['work-pools', 'slots'], { isShown: true })
  const error = create.error ?? update.error
  const nameIs = pool === undefined ? poolNameProblem(name, taken) : undefined
  const read = readLimit(limitText)
  const kind = types.find((each) => each.type === type)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (nameIs !== undefined || 'problem' in read) return
    const changes = { description: description.trim() === '' ? null : description.trim(), concurrency_limit: read.limit }
    const options = { onSuccess: () => onDone(name.trim()) }
    if (pool !== undefined) update.mutate({ name: pool.name, ...changes }, options)
    else create.mutate({ name: name.trim(), type, base_job_template: kind?.template ?? {}, ...changes }, options)
  }
  const options = types.length === 0 ? [{ value: type, label: type }] : types.map((each) => ({ value: each.type, label: each.name }))
  return (
    <Dialog
      title={pool === undefined ? 'New work pool' : `Change ${pool.name}`}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it as it is</Button>
          <Button look="primary" type="submit" form="pool" isBusy={create.isPending || update.isPending}>
            {pool === undefined ? 'Create' : 'Save'}
          </Button>
        </>
      }
    >
      <form id="pool" onSubmit={submit} className="flex flex-col gap-3">
        {pool === undefined && (
          <>
            <Field label="Name" isRequired error={isTried || name !== '' ? nameIs : undefined} about="Workers and deployments name it.">
              {(ids) => <Input {...ids} autoFocus value={name} onChange={(event) => setName(event.target.value)} />}
            </Field>
            <Field label="Type" about={kind?.description ?? 'What its workers start for a run.'}>
              {({ id }) => <Select id={id} label="Type" options={options} value={type} onChange={setType} />}
            </Field>
          </>
        )}
        <Field label="Description">
          {(ids) => <Input {...ids} value={description} onChange={(event) => setDescription(event.target.value)} />}
        </Field>
        <Field
          label="Runs at once"
          error={'problem' in read ? read.problem : undefined}
          about="On all its workers together. Nothing: no limit. 0: nothing starts."
        >
          {(ids) => <Input {...ids} inputMode="numeric" value={limitText} onChange={(event) => setLimitText(event.target.value)} />}
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
