import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ExternalLink } from 'lucide-react'
import type { ReactElement } from 'react'
import { fixOf, messageOf } from '../../errors.ts'
import * as queries from '../../queries.ts'
import { Select } from '../field.tsx'
import type { Ids } from './frame.tsx'
import { blockReference, referredIn } from './schema.ts'

/** A saved block of the types that fit. */
export function BlockLeaf({
  ids,
  label,
  value,
  slugs,
  onChange,
}: {
  readonly ids: Ids
  readonly label: string
  readonly value: unknown
  readonly slugs: readonly string[]
  readonly onChange: (value: unknown) => void
}): ReactElement {
  const { data: blocks, error } = useQuery(queries.blocksOfTypes(slugs))
  const chosen = referredIn(value)
  if (error !== null)
    return (
      <p role="alert" className="text-sm text-danger">
        {messageOf(error)} {fixOf(error)}
      </p>
    )
  const known = (blocks ?? []).map(({ id, name, block_type_name: type }) => ({
    value: id,
    label: slugs.length === 1 ? name : `${name} (${type})`,
  }))
  const isThere = chosen === undefined || blocks === undefined || known.some(({ value: id }) => id === chosen)
  const options = isThere ? known : [...known, { value: chosen, label: 'a block that is not in this list' }]
  return (
    <div className="flex max-w-sm flex-col gap-1">
      {blocks !== undefined && options.length === 0 ? (
        <p id={ids.id} className="text-sm text-ink-2">
          No block of this type is saved yet.
        </p>
      ) : (
        <div className="flex *:w-full">
          <Select
            id={ids.id}
            label={blocks === undefined ? 'Looking for blocks …' : `Choose what ${label} is`}
            options={options}
            value={chosen ?? ''}
            onChange={(id) => onChange(blockReference(id))}
          />
        </div>
      )}
      <p className="flex flex-wrap gap-x-3 text-xs">
        {slugs.map((slug) => (
          <Link
            key={slug}
            to="/blocks/new/$slug"
            params={{ slug }}
            target="_blank"
            className="inline-flex items-center gap-1 text-accent-text hover:underline"
          >
            New {slug}
            <ExternalLink aria-label="in a window of its own" className="size-3" />
          </Link>
        ))}
      </p>
    </div>
  )
}
