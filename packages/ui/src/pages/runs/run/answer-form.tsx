import { useMutation, useQuery } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { messageOf } from '../../../errors.ts'
import { Button } from '../../../parts/button.tsx'
import { Failure, Loading } from '../../../parts/failure.tsx'
import { SchemaForm, startWith, validateAgainst } from '../../../parts/schema-form/index.ts'
import { ToneIcon } from '../../../parts/state-badge.tsx'
import { Ago, Moment } from '../../../parts/time-text.tsx'
import { tell } from '../../../parts/toasts.tsx'
import * as queries from '../../../queries.ts'
import type { FlowRun } from '../../../queries/values.ts'
import { textColorOf } from '../../../states.ts'

/** What a paused run waits for, and the form that gives it. */
export function Answer({ run }: { readonly run: FlowRun }): ReactElement {
  const details = run.state?.state_details
  const pauseEnd = details?.pause_timeout ?? null
  const keys = details?.run_input_keyset ?? null
  const input = useQuery(queries.openInput(run.id, keys))
  return (
    <section
      aria-label="What it waits for"
      className="rounded-lg border border-[color-mix(in_oklch,var(--state-paused)_45%,transparent)] bg-surface"
    >
      <div className="flex items-start gap-3 px-4 py-3">
        <span className="mt-0.5" style={{ color: textColorOf('paused') }}>
          <ToneIcon tone="paused" size="size-4" />
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="text-sm font-semibold">{keys === null ? 'It waits until somebody resumes it' : 'It waits for your answer'}</h2>
          <p tabIndex={0} className="max-h-24 overflow-y-auto rounded-sm text-sm break-words text-ink-2">
            {input.data?.description ?? run.state?.message}
          </p>
          {pauseEnd !== null && (
            <p className="mt-0.5 text-xs text-ink-3">
              Without it the run fails at <Moment at={pauseEnd} /> (<Ago at={pauseEnd} />
              ).
            </p>
          )}
          {keys === null ? (
            <Resume run={run} />
          ) : input.isError ? (
            <Failure error={input.error} onRetry={() => void input.refetch()} />
          ) : input.data === undefined ? (
            <Loading />
          ) : (
            <Form key={keys['schema']} run={run} schema={objectOf(input.data.schema)} />
          )}
        </div>
      </div>
    </section>
  )
}

type Schema = Readonly<Record<string, unknown>>

function objectOf(schema: unknown): Schema {
  return typeof schema === 'object' && schema !== null ? (schema as Schema) : {} // looked at here
}

function Resume({ run }: { readonly run: FlowRun }): ReactElement {
  const resume = useMutation({
    mutationFn: () => queries.resumeRun(run.id, undefined),
    onSuccess: () => tell({ tone: 'info', text: `${run.name} goes on.` }),
  })
  return (
    <div className="mt-3">
      <Button look="primary" icon={Play} isBusy={resume.isPending} onClick={() => resume.mutate()}>
        Resume
      </Button>
    </div>
  )
}

function Form({ run, schema }: { readonly run: FlowRun; readonly schema: Schema }): ReactElement {
  const [value, setValue] = useState<unknown>(() => startWith(schema, {}))
  const [isTried, setTried] = useState(false)
  const errors = validateAgainst(schema, value)
  const isValid = Object.keys(errors).length === 0
  const resume = useMutation({
    mutationFn: () => queries.resumeRun(run.id, objectOf(value)),
    onSuccess: () => tell({ tone: 'info', text: `${run.name} goes on with your answer.` }),
    meta: { isShown: true },
  })
  return (
    <form
      noValidate
      className="mt-3 flex max-w-2xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (isValid) resume.mutate()
      }}
    >
      {/* However much is asked, the tasks and logs one decides by stay in sight. */}
      <div className="-m-1 max-h-[min(22rem,40vh)] overflow-y-auto p-1">
        <SchemaForm schema={schema} value={value} onChange={setValue} errors={isTried ? errors : {}} label="Answer" />
      </div>
      {resume.isError && (
        <p role="alert" className="text-sm text-danger">
          {messageOf(resume.error)}
        </p>
      )}
      <div>
        <Button look="primary" type="submit" icon={Play} isBusy={resume.isPending}>
          Send and resume
        </Button>
      </div>
    </form>
  )
}
