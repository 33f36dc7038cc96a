import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Blocks, ExternalLink, Plus } from 'lucide-react'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import { plural } from '../../format.ts'
import { Button, buttonClass } from '../../parts/button.tsx'
import { Command, Empty } from '../../parts/empty.tsx'
import { Failure, Loading } from '../../parts/failure.tsx'
import { SearchInput } from '../../parts/field.tsx'
import * as queries from '../../queries.ts'
import { TypeMark } from './type-mark.tsx'

/** Every type a block can have, to make one of it. */
export function Catalogue(): ReactElement {
  const address = useAddress()
  const text = address.one('q') ?? ''
  const { data: types, error, refetch } = useQuery(queries.blockTypes())
  const { data: capabilities } = useQuery(queries.blockCapabilities())
  if (error !== null && types === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  if (types === undefined) return <Loading />
  const found = types.filter((type) => isLike(type, text))
  return (
    <div className="flex flex-col gap-4 pt-4">
      <div className="flex">
        <SearchInput label="Find a type" value={text} onChange={(q) => address.set({ q })} shortcut />
      </div>
      {found.length === 0 ? (
        <Empty
          icon={Blocks}
          title={types.length === 0 ? 'There are no block types' : 'No type is like this'}
          {...(text === '' ? undefined : { action: <Button onClick={() => address.set({ q: undefined })}>Show all types</Button> })}
        />
      ) : (
        <ul aria-label="Block types" className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,19rem),1fr))] gap-3">
          {found.map((type) => (
            <TypeCard key={type.id} type={type} capabilities={capabilities?.get(type.id) ?? []} />
          ))}
        </ul>
      )}
      <div className="flex flex-col items-center pb-8 text-center text-sm text-ink-2">
        <p>
          A type of your own is code that calls <code className="font-mono text-xs">defineBlock()</code>. Its file makes it known here:
        </p>
        <Command text="tutti block register ./blocks.ts" />
      </div>
    </div>
  )
}

function isLike({ name, slug, description }: queries.BlockType, text: string): boolean {
  return `${name} ${slug} ${description ?? ''}`.toLowerCase().includes(text.trim().toLowerCase())
}

function TypeCard({ type, capabilities }: { readonly type: queries.BlockType; readonly capabilities: readonly string[] }): ReactElement {
  const { name, slug, description, logo_url: logoUrl, documentation_url: documentation } = type
  const { data: count } = useQuery(queries.blockCountOfType(slug))
  return (
    <li className="flex min-w-0 flex-col gap-2 rounded-lg border border-line bg-surface p-3">
      <div className="flex min-w-0 items-center gap-3">
        <TypeMark name={name} logoUrl={logoUrl} />
        <div className="min-w-0">
          <h2 title={name} className="truncate text-sm font-semibold">
            {name}
          </h2>
          <p title={slug} className="truncate font-mono text-2xs text-ink-3">
            {slug}
          </p>
        </div>
      </div>
      {description !== null && <p className="line-clamp-3 text-sm wrap-anywhere text-ink-2">{description}</p>}
      {capabilities.length > 0 && (
        <p aria-label="What blocks of this type can do" className="flex flex-wrap gap-1">
          {capabilities.map((each) => (
            <span key={each} className="rounded-full bg-sunken px-2 py-0.5 text-2xs text-ink-2">
              {each}
            </span>
          ))}
        </p>
      )}
      <div className="mt-auto flex flex-wrap items-center gap-x-3 gap-y-1 pt-1 text-xs">
        {count === undefined || count === 0 ? (
          <span className="text-ink-3">{count === 0 ? 'no blocks' : ' '}</span>
        ) : (
          <Link to="/blocks" search={{ type: slug }} className="tabular text-accent-text hover:underline">
            {plural(count, 'block')}
          </Link>
        )}
        {documentation !== null && /^https?:/.test(documentation) && (
          <a
            href={documentation}
            target="_blank"
            rel="noreferrer"
            aria-label={`Documentation of ${name}`}
            className="inline-flex items-center gap-1 text-accent-text hover:underline"
          >
            Documentation
            <ExternalLink aria-hidden className="size-3" />
          </a>
        )}
        <Link
          to="/blocks/new/$slug"
          params={{ slug }}
          search={{}}
          aria-label={`Create a block of the type ${name}`}
          className={`ml-auto ${buttonClass('ordinary', 'small')}`}
        >
          <Plus aria-hidden className="size-3.5" />
          Create
        </Link>
      </div>
    </li>
  )
}
