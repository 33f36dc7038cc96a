// The form that runs a deployment, made from the schema of its parameters.
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ChevronRight, Play } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { root } from '../../connection.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { CopyButton } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { Field, Input, Select } from '../../parts/field.tsx'
import { SchemaForm, startWith, validateAgainst } from '../../parts/schema-form/index.ts'
import type { FieldErrors } from '../../parts/schema-form/index.ts'
import { Segmented } from '../../parts/segmented.tsx'
import { tell } from '../../parts/toasts.tsx'
import * as queries from '../../queries.ts'
import { schemaOf } from './deployment-schema.ts'
import { asCommand, asCurl, asTypeScript } from './run-code.ts'
import type { RunCode } from './run-code.ts'
import { errorsOfRefusal, errorsOfTree } from './server-errors.ts'

export interface RunDialogProps {
  readonly deployment: queries.Deployment
  readonly flowName: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function RunDialog(props: RunDialogProps): ReactElement | null {
  return props.isOpen ? <OpenRunDialog {...props} /> : null
}

/** The server refuses, and says at which values. */
class ValuesRefused extends Error {
  readonly errors: FieldErrors

  constructor(errors: FieldErrors) {
    super('Some values do not fit.')
    this.errors = errors
  }
}

const DEFAULT_QUEUE = '-'

function OpenRunDialog({ deployment, flowName, onClose }: RunDialogProps): ReactElement {
  const navigate = useNavigate()
  const schema = schemaOf(deployment)
  const [parameters, setParameters] = useState<unknown>(() => startWith(schema, deployment.parameters))
  const [isAsked, setAsked] = useState(false)
  const [refused, setRefused] = useState<FieldErrors>({})
  const [name, setName] = useState('')
  const [tags, setTags] = useState('')
  const [when, setWhen] = useState<'now' | 'later'>('now')
  const [at, setAt] = useState(() => localTime(Date.now() + HOUR_MS))
  const [queue, setQueue] = useState(DEFAULT_QUEUE)
  const [key, setKey] = useState('')
  const { data: queues = [] } = useQuery(queries.queuesOfPool(deployment.work_pool_name))
  const own = validateAgainst(schema, parameters)
  const isChecked = deployment.enforce_parameter_schema
  const errors = { ...(isAsked ? own : undefined), ...refused }
  const tagList = [...new Set(tags.split(/[,\s]+/).filter((tag) => tag !== ''))]
  const startsAt = new Date(at)
  const isTimeWrong = when === 'later' && Number.isNaN(startsAt.getTime())

  const run = useMutation({
    meta: { isShown: true },
    mutationFn: async () => {
      const values = (parameters ?? {}) as Record<string, unknown> // an object: the schema says so, or the server will
      if (isChecked) {
        const { errors: tree, valid } = await queries.validateValues(schema, values)
        if (!valid) throw new ValuesRefused(errorsOfTree(tree))
      }
      return queries.runDeployment(deployment.id, {
        parameters: values,
        ...(name.trim() === '' ? undefined : { name: name.trim() }),
        ...(tagList.length === 0 ? undefined : { tags: tagList }),
        ...(when === 'now' ? undefined : { state: { type: 'SCHEDULED', state_details: { scheduled_time: startsAt.toISOString() } } }),
        ...(queue === DEFAULT_QUEUE ? undefined : { work_queue_name: queue }),
        ...(key.trim() === '' ? undefined : { idempotency_key: key.trim() }),
      })
    },
    onSuccess: ({ id }) => {
      onClose()
      void navigate({ to: '/runs/$id', params: { id } })
    },
    onError: (error) => {
      const found = error instanceof ValuesRefused ? error.errors : errorsOfRefusal(error)
      if (found !== undefined) setRefused(found)
      focusFirstError()
    },
  })

  const submit = (): void => {
    setAsked(true)
    setRefused({})
    const isBroken = Object.keys(own).length > 0
    // A deployment that does not enforce its schema takes anything that is JSON.
    if ((isBroken && (isChecked || typeof parameters !== 'object')) || isTimeWrong) return focusFirstError()
    run.mutate()
  }
  const isElsewhere = run.isError && !(run.error instanceof ValuesRefused) && errorsOfRefusal(run.error) === undefined
  const wrong = Object.keys(errors).length
  const code: RunCode = {
    flowName,
    deploymentName: deployment.name,
    deploymentId: deployment.id,
    parameters,
    tags: tagList,
    name: name.trim() === '' ? undefined : name.trim(),
    url: new URL('api', root).href,
  }
  return (
    <Dialog
      title={`Run ${flowName}/${deployment.name}`}
      isOpen
      isWide
      onClose={onClose}
      footer={
        <>
          <span role="status" className="mr-auto self-center text-xs text-danger">
            {wrong === 0 ? '' : wrong === 1 ? 'One value does not fit.' : `${wrong} values do not fit.`}
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" icon={Play} isBusy={run.isPending} onClick={submit}>
            {when === 'now' ? 'Run now' : 'Schedule the run'}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-5"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit()
        }}
      >
        {deployment.paused && (
          <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-ink-2">
            This deployment is paused: its schedules make no runs. A run by hand is made all the same.
          </p>
        )}
        <SchemaForm
          schema={schema}
          value={parameters}
          errors={errors}
          onChange={(next) => {
            setParameters(next)
            setRefused({})
          }}
        />
        <section aria-label="The run" className="grid gap-x-4 gap-y-3 border-t border-line pt-4 sm:grid-cols-2">
          <Field label="Start">
            {(ids) => (
              <div className="flex flex-wrap items-center gap-2">
                <Segmented
                  label="When it starts"
                  choices={[
                    { value: 'now', label: 'Now' },
                    { value: 'later', label: 'Later' },
                  ]}
                  value={when}
                  onChange={setWhen}
                />
                {when === 'later' && (
                  <div className="min-w-48 flex-1">
                    <Input {...ids} type="datetime-local" step={1} value={at} onChange={(event) => setAt(event.target.value)} />
                  </div>
                )}
              </div>
            )}
          </Field>
          <Field label="Name" about="Left empty, one is made up.">
            {(ids) => <Input {...ids} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
          <Field
            label="Tags"
            about={deployment.tags.length === 0 ? 'Apart by commas.' : `Beside those of the deployment: ${deployment.tags.join(', ')}.`}
          >
            {(ids) => <Input {...ids} autoComplete="off" value={tags} onChange={(event) => setTags(event.target.value)} />}
          </Field>
          {queues.length > 1 && (
            <Field label="Work queue" about={`Of the pool ${deployment.work_pool_name}.`}>
              {({ id }) => (
                <Select
                  id={id}
                  label="Work queue"
                  options={[
                    { value: DEFAULT_QUEUE, label: `as deployed (${deployment.work_queue_name ?? 'default'})` },
                    ...queues.map((each) => ({ value: each.name, label: each.name })),
                  ]}
                  value={queue}
                  onChange={setQueue}
                />
              )}
            </Field>
          )}
          <Field label="Idempotency key" about="A second run with the same key is the first one.">
            {(ids) => <Input {...ids} autoComplete="off" value={key} onChange={(event) => setKey(event.target.value)} />}
          </Field>
        </section>
        {isElsewhere && <Failure error={run.error} />}
        <details className="group border-t border-line pt-3 text-sm">
          <summary className="flex w-fit cursor-pointer list-none items-center gap-1 rounded text-ink-2 hover:text-ink">
            <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
            The same as code
          </summary>
          <RunAsCode code={code} />
        </details>
        <button type="submit" className="sr-only" tabIndex={-1}>
          Run
        </button>
      </form>
    </Dialog>
  )
}

export function RunAsCode({ code }: { readonly code: RunCode }): ReactElement {
  const forms = [
    ['TypeScript', asTypeScript(code)],
    ['Command', asCommand(code)],
    ['curl', asCurl(code)],
  ] as const
  return (
    <div className="mt-3 flex flex-col gap-3">
      {forms.map(([label, text]) => (
        <section key={label} aria-label={label} className="min-w-0">
          <div className="flex items-center justify-between">
            <h4 className="text-xs font-medium text-ink-2">{label}</h4>
            <CopyButton text={text} label={`Copy as ${label}`} />
          </div>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keys */}
          <pre tabIndex={0} className="overflow-x-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs">
            {text}
          </pre>
        </section>
      ))}
    </div>
  )
}

const HOUR_MS = 3_600_000

function localTime(at: number): string {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** Once it is drawn. */
function focusFirstError(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[role=dialog] [aria-invalid=true]')?.focus())
}

/** Runs with the defaults, at once; where these do not fit, the form is what is needed. */
export function useQuickRun(): (deployment: queries.Deployment) => void {
  const navigate = useNavigate()
  const { mutate } = useMutation({
    mutationFn: (deployment: queries.Deployment) => queries.runDeployment(deployment.id, {}),
    onSuccess: ({ id, name }) =>
      tell({
        tone: 'info',
        text: `${name} is under way.`,
        action: { label: 'Open', run: () => void navigate({ to: '/runs/$id', params: { id } }) },
      }),
  })
  return mutate
}
