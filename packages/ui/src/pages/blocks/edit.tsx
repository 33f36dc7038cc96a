// The form of a block, made from the schema of its type.
import { useQuery } from '@tanstack/react-query'
import { useBlocker, useNavigate, useParams } from '@tanstack/react-router'
import { ExternalLink } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import type { ReactElement } from 'react'
import { useChange } from '../../change.ts'
import { Button } from '../../parts/button.tsx'
import { Failure, Loading } from '../../parts/failure.tsx'
import { Field, Input } from '../../parts/field.tsx'
import { Page, Section } from '../../parts/page.tsx'
import { SchemaForm, startWith, validateAgainst } from '../../parts/schema-form/index.ts'
import { tell } from '../../parts/toasts.tsx'
import * as queries from '../../queries.ts'
import { formSchema, formValue, schemaToEdit } from './block-schema.ts'
import { Code } from '../../parts/code.tsx'
import { errorsOfRefusal, nameProblem } from './server-errors.ts'
import { TypeMark } from './type-mark.tsx'

const CRUMBS = [{ label: 'Blocks', to: '/blocks' }]

export function NewBlockPage(): ReactElement {
  const { slug = '' } = useParams({ strict: false })
  const type = useQuery(queries.blockType(slug))
  const schema = useQuery(queries.blockSchema(type.data?.id))
  const problem = type.error ?? schema.error
  const title = `New ${type.data?.name ?? 'block'}`
  if (problem !== null || type.data === undefined || schema.data === undefined)
    return (
      <Page title={title} crumbs={CRUMBS}>
        {problem === null ? <Loading /> : <Failure error={problem} onRetry={() => void (type.error === null ? schema : type).refetch()} />}
      </Page>
    )
  return (
    <Page title={title} crumbs={CRUMBS}>
      {schema.data === null ? (
        <p className="text-sm text-ink-2">
          Nobody has said which fields this type has. Register the file that defines it: <code>tutti block register FILE</code>.
        </p>
      ) : (
        <BlockForm key={schema.data.id} type={type.data} schema={schema.data} block={undefined} />
      )}
    </Page>
  )
}

export function EditBlockPage(): ReactElement {
  const { id = '' } = useParams({ strict: false })
  const block = useQuery({ ...queries.block(id), staleTime: 0, refetchOnWindowFocus: false })
  const newest = useQuery(queries.blockSchema(block.data?.block_type_id))
  // What somebody edits does not change under their hands.
  const [first, setFirst] = useState<queries.Block>()
  if (first?.id !== id && block.data !== undefined && !block.isFetching) setFirst(block.data)
  const shown = first?.id === id ? first : undefined
  const problem = block.error ?? newest.error
  if (shown === undefined || newest.data === undefined)
    return (
      <Page title="Edit block" crumbs={CRUMBS}>
        {problem === null ? (
          <Loading />
        ) : (
          <Failure error={problem} onRetry={() => void (block.error === null ? newest : block).refetch()} />
        )}
      </Page>
    )
  return (
    <Page title={`Edit ${shown.name}`} crumbs={[...CRUMBS, { label: shown.name, to: `/blocks/${id}` }]}>
      <BlockForm key={id} type={shown.block_type} schema={schemaToEdit(shown.block_schema, newest.data)} block={shown} />
    </Page>
  )
}

function BlockForm({
  type,
  schema: { id: schemaId, fields },
  block,
}: {
  readonly type: queries.BlockType
  readonly schema: queries.BlockSchema
  /** `undefined`: a new one. */
  readonly block: queries.Block | undefined
}): ReactElement {
  const navigate = useNavigate()
  const [start] = useState(() => (block === undefined ? {} : formValue(block)))
  const schema = useMemo(() => formSchema(fields, start), [fields, start])
  const [value, setValue] = useState<unknown>(() => (block === undefined ? startWith(schema, {}) : start))
  const [name, setName] = useState('')
  const [isAsked, setAsked] = useState(false)
  const [isChanged, setChanged] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const isSaved = useRef(false)
  const own = validateAgainst(schema, value)
  const nameIs = block === undefined ? nameProblem(name) : undefined
  const save = useChange(
    async (data: Record<string, unknown>) => {
      if (block === undefined) return (await queries.createBlock({ name, typeId: type.id, schemaId, data })).id
      await queries.changeBlock({ id: block.id, schemaId, data })
      return block.id
    },
    ['block-documents'],
    { isShown: true },
  )
  useBlocker({
    shouldBlockFn: () => isChanged && !isSaved.current && !window.confirm('What was typed here is not saved. Leave all the same?'), // oxlint-disable-line no-alert
    enableBeforeUnload: () => isChanged && !isSaved.current,
  })
  const refused = save.error === null ? undefined : errorsOfRefusal(save.error)
  const errors = { ...(isAsked ? own : undefined), ...refused?.fields }
  const nameError = (isAsked || name !== '' ? nameIs : undefined) ?? refused?.name
  const wrong = Object.keys(errors).length + (nameError === undefined ? 0 : 1)

  const focusFirstError = (): void => {
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus())
  }
  const submit = (): void => {
    setAsked(true)
    if (save.isPending) return
    if (Object.keys(own).length > 0 || nameIs !== undefined) return focusFirstError()
    save.mutate(value as Record<string, unknown>, {
      // An object: the schema says so.
      onSuccess: (id) => {
        isSaved.current = true
        // What was typed is not kept in the page.
        save.reset()
        tell({ tone: 'info', text: `The block ${block?.name ?? name} is saved.` })
        void navigate({ to: '/blocks/$id', params: { id } })
      },
      onError: focusFirstError,
    })
  }
  const change = (): void => {
    setChanged(true)
    if (save.error !== null) save.reset()
  }
  const leave = (): void =>
    void (block === undefined
      ? navigate({ to: '/blocks', search: { tab: 'types' } })
      : navigate({ to: '/blocks/$id', params: { id: block.id } }))
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <form
        ref={form}
        aria-label={block === undefined ? 'New block' : `Fields of ${block.name}`}
        noValidate
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit()
        }}
        className="flex min-w-0 flex-col gap-5 rounded-lg border border-line bg-surface p-4"
      >
        {block === undefined && (
          <Field
            label="Name of the block"
            isRequired
            error={nameError}
            about="Lowercase letters, numbers and dashes. Code loads it by this name."
          >
            {(ids) => (
              <Input
                {...ids}
                autoFocus
                autoComplete="off"
                spellCheck={false}
                value={name}
                onChange={(event) => {
                  setName(event.target.value)
                  change()
                }}
              />
            )}
          </Field>
        )}
        <SchemaForm
          schema={schema}
          value={value}
          errors={errors}
          label="Fields"
          onChange={(next) => {
            setValue(next)
            change()
          }}
        />
        {save.error !== null && refused === undefined && <Failure error={save.error} />}
        <div className="flex flex-wrap items-center justify-end gap-2 border-t border-line pt-4">
          <span role="status" className="mr-auto text-xs text-danger">
            {wrong === 0 ? '' : wrong === 1 ? 'One value does not fit.' : `${wrong} values do not fit.`}
          </span>
          <Button onClick={leave}>Cancel</Button>
          <Button look="primary" type="submit" isBusy={save.isPending}>
            {block === undefined ? 'Create the block' : 'Save'}
          </Button>
        </div>
      </form>
      <AboutType type={type} />
    </div>
  )
}

function AboutType({
  type: { name, slug, description, logo_url: logoUrl, documentation_url: documentation, code_example: example },
}: {
  readonly type: queries.BlockType
}): ReactElement {
  return (
    <Section title="About this type">
      <div className="flex min-w-0 flex-col gap-3 p-4 text-sm">
        <div className="flex min-w-0 items-center gap-3">
          <TypeMark name={name} logoUrl={logoUrl} />
          <div className="min-w-0">
            <p className="truncate font-medium">{name}</p>
            <p className="truncate font-mono text-2xs text-ink-3">{slug}</p>
          </div>
        </div>
        {description !== null && <p className="wrap-anywhere text-ink-2">{description}</p>}
        {documentation !== null && /^https?:/.test(documentation) && (
          <a
            href={documentation}
            target="_blank"
            rel="noreferrer"
            className="inline-flex items-center gap-1 text-accent-text hover:underline"
          >
            Documentation
            <ExternalLink aria-label="in a window of its own" className="size-3" />
          </a>
        )}
        <p className="text-ink-3">
          Secrets are encrypted where they are kept and never shown again. Instead of one,{' '}
          <code className="font-mono text-xs">env:NAME</code> or <code className="font-mono text-xs">file:/path</code> says where the
          process that loads the block finds it.
        </p>
        {example !== null && <Code label="Example" text={example} />}
      </div>
    </Section>
  )
}
