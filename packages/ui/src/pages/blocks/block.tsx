import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { EyeOff, Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useChange } from '../../change.ts'
import { plural } from '../../format.ts'
import { Button, buttonClass } from '../../parts/button.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { Failure, Loading } from '../../parts/failure.tsx'
import { FlowName } from '../../parts/names.tsx'
import { Page, Section } from '../../parts/page.tsx'
import { Ago, Moment } from '../../parts/time-text.tsx'
import { tell } from '../../parts/toasts.tsx'
import * as queries from '../../queries.ts'
import { codeOf } from './block-code.ts'
import { shownFields } from './block-schema.ts'
import type { ShownField } from './block-schema.ts'
import { Code } from '../../parts/code.tsx'
import { TypeMark } from './type-mark.tsx'

const CRUMBS = [{ label: 'Blocks', to: '/blocks' }]

export function BlockPage(): ReactElement {
  const { id = '' } = useParams({ strict: false })
  const { data: block, error, refetch } = useQuery(queries.block(id))
  if (block === undefined)
    return (
      <Page title="Block" crumbs={CRUMBS}>
        {error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />}
      </Page>
    )
  return <ShownBlock block={block} />
}

function ShownBlock({ block }: { readonly block: queries.Block }): ReactElement {
  const { id, name, block_type: type, created, updated, block_schema: schema } = block
  const navigate = useNavigate()
  const [isDeleting, setDeleting] = useState(false)
  const users = useQuery(queries.blockUsers({ id, name, slug: type.slug }))
  const remove = useChange(queries.removeBlock, ['block-documents'])
  const { typescript, python, command } = codeOf({ slug: type.slug, typeName: type.name, name })
  const fields = shownFields(block)
  return (
    <Page
      title={name}
      crumbs={CRUMBS}
      beside={
        <Link
          to="/blocks"
          search={{ type: type.slug }}
          className="max-w-60 truncate rounded-full bg-sunken px-2 py-0.5 text-xs text-ink-2 hover:text-ink hover:underline"
        >
          {type.name}
        </Link>
      }
      about={type.description ?? undefined}
      actions={
        <>
          <Link to="/blocks/$id/edit" params={{ id }} search={{}} className={buttonClass()}>
            <Pencil aria-hidden className="size-3.5" />
            Edit
          </Link>
          <Button look="danger" icon={Trash2} onClick={() => setDeleting(true)}>
            Delete
          </Button>
        </>
      }
    >
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <Section title="Fields">
            {block.tutti_locked ? (
              <p className="p-4 text-sm text-ink-2">
                It was sealed with a key that the server does not have: nothing of it can be shown, and no run can load it. Give the server
                that key (<code>tutti secrets status</code> names it), or save the block anew.
              </p>
            ) : fields.length === 0 ? (
              <p className="p-4 text-sm text-ink-3">It has no fields.</p>
            ) : (
              <dl className="divide-y divide-line">
                {fields.map((field) => (
                  <FieldRow key={field.key} field={field} />
                ))}
              </dl>
            )}
          </Section>
          <Section title="In code">
            <div className="flex flex-col gap-3 p-4">
              <Code label="TypeScript" text={typescript} />
              <Code label="Python" text={python} />
              <Code label="Command" text={command} />
            </div>
          </Section>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <Section title="Used by">
            <div className="p-4 text-sm">
              {users.error !== null ? (
                <Failure error={users.error} onRetry={() => void users.refetch()} />
              ) : users.data === undefined ? (
                <Loading />
              ) : (
                <Users users={users.data} />
              )}
            </div>
          </Section>
          <Section title="Details">
            <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-2 p-4 text-sm">
              <dt className="text-ink-3">Type</dt>
              <dd className="flex min-w-0 items-center gap-2">
                <span className="-my-1 scale-75">
                  <TypeMark name={type.name} logoUrl={type.logo_url} />
                </span>
                <code className="truncate font-mono text-xs">{type.slug}</code>
              </dd>
              {schema.capabilities.length > 0 && (
                <>
                  <dt className="text-ink-3">Can</dt>
                  <dd>{schema.capabilities.join(', ')}</dd>
                </>
              )}
              <dt className="text-ink-3">Changed</dt>
              <dd>
                <Ago at={updated} />
              </dd>
              <dt className="text-ink-3">Made</dt>
              <dd>
                <Moment at={created} />
              </dd>
              <dt className="text-ink-3">Schema</dt>
              <dd title={schema.checksum} className="truncate font-mono text-xs">
                {schema.checksum.replace('sha256:', '').slice(0, 12)} · {schema.version}
              </dd>
              <dt className="text-ink-3">Id</dt>
              <dd className="font-mono text-xs wrap-anywhere">{id}</dd>
            </dl>
          </Section>
        </div>
      </div>
      <Confirm
        title={`Delete ${name}?`}
        verb="Delete the block"
        isOpen={isDeleting}
        isBusy={remove.isPending}
        onClose={() => setDeleting(false)}
        onConfirm={() =>
          remove.mutate(id, {
            onSuccess: () => {
              tell({ tone: 'info', text: `The block ${name} is deleted.` })
              void navigate({ to: '/blocks' })
            },
            onError: () => setDeleting(false),
          })
        }
      >
        <DeleteWarning users={users.data} />
      </Confirm>
    </Page>
  )
}

function FieldRow({ field: { key, title, description, value, block, isSecret, isMissing } }: { readonly field: ShownField }): ReactElement {
  return (
    <div className="grid gap-x-4 gap-y-1 px-4 py-2.5 text-sm sm:grid-cols-[minmax(8rem,14rem)_minmax(0,1fr)]">
      <dt className="min-w-0">
        <span className="font-medium wrap-anywhere">{title}</span>
        {title !== key && <code className="ml-2 font-mono text-2xs wrap-anywhere text-ink-3">{key}</code>}
        {description !== undefined && <p className="text-xs wrap-anywhere text-ink-3">{description}</p>}
      </dt>
      <dd className="min-w-0">
        {block !== undefined ? (
          <Link to="/blocks/$id" params={{ id: block.id }} search={{}} className="wrap-anywhere text-accent-text hover:underline">
            {block.name} <span className="text-xs text-ink-3">({block.typeName})</span>
          </Link>
        ) : isMissing ? (
          <span className="text-ink-3">not set</span>
        ) : isSecret ? (
          <span className="inline-flex items-center gap-2 text-ink-2">
            <code className="font-mono text-xs">{String(value)}</code>
            <EyeOff aria-hidden className="size-3.5 text-ink-3" />
            <span className="text-xs text-ink-3">a secret, never shown</span>
          </span>
        ) : typeof value === 'string' && value !== '' ? (
          <span className="whitespace-pre-wrap wrap-anywhere">{value}</span>
        ) : (
          <pre className="overflow-x-auto font-mono text-xs leading-5 whitespace-pre-wrap wrap-anywhere">{jsonOf(value)}</pre>
        )}
      </dd>
    </div>
  )
}

const ONE_LINE_MAX = 72

function jsonOf(value: unknown): string {
  const line = JSON.stringify(value)
  return line.length <= ONE_LINE_MAX ? line : JSON.stringify(value, null, 2)
}

const SHOWN_MAX = 20

function Users({ users: { blocks, deployments, isPartial } }: { readonly users: queries.BlockUsers }): ReactElement {
  if (blocks.length === 0 && deployments.length === 0)
    return (
      <p className="text-ink-3">
        {isPartial ? 'None of the blocks and deployments that were looked at refers to it' : 'No block and no deployment refers to it'};
        code may load it by its name.
      </p>
    )
  const more = Math.max(0, blocks.length - SHOWN_MAX) + Math.max(0, deployments.length - SHOWN_MAX)
  return (
    <>
      <ul className="flex flex-col gap-1.5">
        {blocks.slice(0, SHOWN_MAX).map(({ id, name, block_type_name: type }) => (
          <li key={id} className="min-w-0 wrap-anywhere">
            <Link to="/blocks/$id" params={{ id }} search={{}} className="text-accent-text hover:underline">
              {name}
            </Link>{' '}
            <span className="text-xs text-ink-3">block, {type}</span>
          </li>
        ))}
        {deployments.slice(0, SHOWN_MAX).map(({ id, name, flowId }) => (
          <li key={id} className="min-w-0 wrap-anywhere">
            <Link to="/deployments/$id" params={{ id }} search={{}} className="text-accent-text hover:underline">
              <FlowName id={flowId} />/{name}
            </Link>{' '}
            <span className="text-xs text-ink-3">deployment</span>
          </li>
        ))}
      </ul>
      {more > 0 && <p className="mt-2 text-xs text-ink-3">and {more} more</p>}
    </>
  )
}

function DeleteWarning({ users }: { readonly users: queries.BlockUsers | undefined }): ReactElement {
  const count = users === undefined ? 0 : users.blocks.length + users.deployments.length
  return (
    <div className="flex flex-col gap-3">
      <p>Its values and secrets are gone for good. Code that loads it fails from then on.</p>
      {users !== undefined && count > 0 && (
        <div role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">
          <p className="mb-1.5 font-medium">
            {count === 1 ? 'This refers to it and loses it:' : `${plural(count, 'thing')} refer to it and lose it:`}
          </p>
          <div className="max-h-60 overflow-y-auto rounded bg-surface p-2 text-ink">
            <Users users={users} />
          </div>
        </div>
      )}
      {users?.isPartial === true && <p className="text-xs">There are more blocks and deployments than were looked at.</p>}
    </div>
  )
}
