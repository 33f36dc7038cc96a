import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Repeat2, RotateCw } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import type { ReactElement } from 'react'
import { fixOf, messageOf } from '../../../errors.ts'
import { number, plural } from '../../../format.ts'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { Command } from '../../../parts/empty.tsx'
import { Loading } from '../../../parts/failure.tsx'
import { Field, INPUT, Switch } from '../../../parts/field.tsx'
import { SchemaForm, validateAgainst } from '../../../parts/schema-form/index.ts'
import { Segmented } from '../../../parts/segmented.tsx'
import { ToneIcon } from '../../../parts/state-badge.tsx'
import { tell } from '../../../parts/toasts.tsx'
import * as queries from '../../../queries.ts'
import type { RerunBody, RunPlan } from '../../../queries.ts'
import type { FlowRun } from '../../../queries/values.ts'
import { textColorOf } from '../../../states.ts'
import { schemaOf } from '../../deployments/deployment-schema.ts'
import { changedParameters } from './changed-parameters.ts'
import { rerunCommand } from './rerun-command.ts'
import type { RerunKind } from './rerun-command.ts'

export interface RerunDialogProps {
  readonly run: FlowRun
  /** The task run from which it goes on; `undefined`: the whole run. */
  readonly from: { readonly id: string; readonly name: string } | undefined
  readonly kind: RerunKind
  readonly onClose: () => void
}

/** Where no deployment says what they are. */
const ANY_PARAMETERS = { type: 'object' }

const NOT_JSON = 'This is no JSON: texts stand in double quotes.'

/** Runs it again, with a look at what is reused and what is done again before anything happens. */
export function RerunDialog({ run, from, kind, onClose }: RerunDialogProps): ReactElement {
  const navigate = useNavigate()
  const [isWhole, setWhole] = useState(false)
  const [edited, setEdited] = useState<unknown>()
  const [resultText, setResultText] = useState('')
  const [mode, setMode] = useState<'again' | 'supplied'>('again')
  const [isNewest, setNewest] = useState(false)
  const deployment = useQuery(queries.deploymentOf(run.deployment_id))
  const schema = deployment.data === undefined ? ANY_PARAMETERS : schemaOf(deployment.data)
  const changed = changedParameters(run.parameters, edited)
  const isUnfit = edited !== undefined && Object.keys(validateAgainst(schema, edited)).length > 0
  const result = parsedText(resultText)
  const isSupplied = from !== undefined && mode === 'supplied'
  const problem =
    changed.type === 'broken' || isUnfit
      ? 'Some parameters do not fit.'
      : isSupplied && (result === WRONG || result === undefined)
        ? resultText === ''
          ? 'Write the result that the task is taken to have returned.'
          : NOT_JSON
        : undefined
  const body: RerunBody = {
    code: isNewest ? 'newest' : 'same',
    in_place: kind === 'retry',
    ...(isSupplied ? { results: { [from.id]: result } } : isWhole ? { from: 'start' } : from === undefined ? undefined : { from: from.id }),
    ...(changed.type === 'ready' && changed.parameters !== undefined ? { parameters: changed.parameters } : undefined),
  }
  const asked = useDeferredValue(problem === undefined ? JSON.stringify(body) : undefined)
  const plan = useQuery(queries.rerunPlan(run.id, asked === undefined ? undefined : (JSON.parse(asked) as RerunBody))) // written just above
  const isDeployed = run.deployment_id !== null
  const go = useMutation({
    mutationFn: () => queries.rerun(run.id, body),
    meta: { isShown: true },
    onSuccess: ({ flow_run_id: id, flow_run_name: name, is_new: isNew }) => {
      onClose()
      tell({ tone: 'info', text: isNew ? `${name} was made.` : `${name} goes on.` })
      if (isNew) void navigate({ to: '/runs/$id', params: { id }, search: {} })
    },
  })
  const failure = go.error ?? plan.error
  const title = kind === 'retry' ? `Retry ${run.name}` : from === undefined ? `Run ${run.name} again` : `Run again from ${from.name}`
  return (
    <Dialog
      isWide
      isOpen
      onClose={onClose}
      title={title}
      about={
        kind === 'retry'
          ? 'The same run goes on: what completed is taken as it is.'
          : 'A new run, linked to this one. What is reused is replayed and not called again.'
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {isDeployed && (
            <Button
              look="primary"
              icon={kind === 'retry' ? RotateCw : Repeat2}
              isBusy={go.isPending}
              disabled={problem !== undefined || plan.isError}
              onClick={() => go.mutate()}
            >
              {kind === 'retry' ? 'Retry' : 'Run again'}
            </Button>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {kind === 'retry' && (
          <Segmented
            label="What runs again"
            value={isWhole ? 'whole' : 'failed'}
            onChange={(value) => setWhole(value === 'whole')}
            choices={[
              { value: 'failed', label: 'What did not complete' },
              { value: 'whole', label: 'Everything, from the start' },
            ]}
          />
        )}
        {from !== undefined && (
          <Segmented
            label="The task"
            value={mode}
            onChange={setMode}
            choices={[
              { value: 'again', label: `Call ${short(from.name)} again` },
              { value: 'supplied', label: 'Take another result for it' },
            ]}
          />
        )}
        {isSupplied && (
          <Field
            label={`Result of ${from.name}`}
            about="As JSON. What used the result runs again with it."
            error={resultText === '' || result !== WRONG ? undefined : NOT_JSON}
          >
            {(ids) => <JsonArea ids={ids} value={resultText} onChange={setResultText} placeholder='{"rows": 12}' />}
          </Field>
        )}
        {kind === 'rerun' &&
          (deployment.isLoading ? (
            <Loading />
          ) : (
            <section aria-label="Parameters" className="border-y border-line py-3">
              <SchemaForm schema={schema} value={edited ?? run.parameters} onChange={setEdited} />
              <p className="pt-2 text-xs text-ink-3">
                {changed.type === 'ready' && changed.parameters !== undefined
                  ? `Other than in the run: ${Object.keys(changed.parameters).join(', ')}.`
                  : 'As the run had them. Those that you change are laid over them.'}
              </p>
            </section>
          ))}
        {isDeployed && kind === 'rerun' && (
          <label className="flex items-center gap-2 text-sm" htmlFor="newest-code">
            <Switch id="newest-code" label="Newest code" isOn={isNewest} onChange={setNewest} />
            With the newest code of the deployment, not the code this run had
          </label>
        )}
        {failure !== null ? (
          <div role="alert" className="rounded-md border border-danger/30 bg-danger-soft p-3 text-sm">
            <p>{messageOf(failure)}</p>
            {fixOf(failure) !== undefined && <p className="text-ink-2">{fixOf(failure)}</p>}
          </div>
        ) : (
          plan.data !== undefined && <Plan plan={plan.data} />
        )}
        {!isDeployed && (
          <div className="rounded-md bg-warn-soft p-3 text-sm">
            <p>This run has no deployment, so no worker takes it up. Where its code is:</p>
            <Command text={rerunCommand({ kind, name: run.name, body })} />
          </div>
        )}
      </div>
    </Dialog>
  )
}

const PLAN_SHOWN = 40

const BECAUSE: Readonly<Record<string, string>> = {
  chosen: 'chosen',
  after: 'came after',
  depends: 'took such a result',
  inside: 'called inside one',
  around: 'calls one',
  failed: 'failed',
  unfinished: 'did not finish',
  'not kept': 'its result was not kept',
  'rolled back': 'was rolled back',
}

function Plan({ plan }: { readonly plan: RunPlan }): ReactElement {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <section aria-label="Runs again" className="min-w-0">
        <h3 className="flex items-center gap-1.5 pb-1 text-sm font-semibold">
          <span style={{ color: textColorOf('running') }}>
            <RotateCw aria-hidden className="size-3.5" />
          </span>
          {plural(plan.again_count, 'task run')} {plan.again_count === 1 ? 'runs' : 'run'} again
        </h3>
        <ul className="max-h-56 overflow-y-auto text-sm">
          {plan.again.slice(0, PLAN_SHOWN).map(({ task_run_id: id, name, because }) => (
            <li key={id} className="flex justify-between gap-3 py-0.5">
              <span className="truncate" title={name}>
                {name}
              </span>
              <span className="shrink-0 text-xs text-ink-3">{BECAUSE[because] ?? because}</span>
            </li>
          ))}
          {plan.again_count > PLAN_SHOWN && <li className="text-xs text-ink-3">and {number(plan.again_count - PLAN_SHOWN)} more</li>}
        </ul>
      </section>
      <section aria-label="Reused" className="min-w-0">
        <h3 className="flex items-center gap-1.5 pb-1 text-sm font-semibold">
          <span style={{ color: textColorOf('replayed') }}>
            <ToneIcon tone="replayed" />
          </span>
          {plural(plan.reused_count, 'task run')} {plan.reused_count === 1 ? 'is' : 'are'} reused
        </h3>
        <ul className="max-h-56 overflow-y-auto text-sm">
          {plan.reused.slice(0, PLAN_SHOWN).map(({ task_run_id: id, name, supplied }) => (
            <li key={id} className="flex justify-between gap-3 py-0.5">
              <span className="truncate" title={name}>
                {name}
              </span>
              {supplied && <span className="shrink-0 text-xs text-ink-3">supplied</span>}
            </li>
          ))}
          {plan.reused_count > PLAN_SHOWN && <li className="text-xs text-ink-3">and {number(plan.reused_count - PLAN_SHOWN)} more</li>}
        </ul>
      </section>
    </div>
  )
}

function JsonArea({
  ids,
  value,
  onChange,
  placeholder,
}: {
  readonly ids: object
  readonly value: string
  readonly onChange: (value: string) => void
  readonly placeholder: string
}): ReactElement {
  return (
    <textarea
      {...ids}
      spellCheck={false}
      rows={4}
      value={value}
      placeholder={placeholder}
      onChange={(event) => onChange(event.target.value)}
      className={`${INPUT} h-auto min-h-20 py-2 font-mono text-xs`}
    />
  )
}

const WRONG = Symbol('no JSON')

function parsedText(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return WRONG
  }
}

const NAME_MAX = 28

function short(name: string): string {
  return name.length > NAME_MAX ? `${name.slice(0, NAME_MAX)}…` : name
}
