import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import * as queries from '../queries.ts'

const LINK = 'hover:text-ink hover:underline'

function Name({ name, isPending }: { readonly name: string | null | undefined; readonly isPending: boolean }): ReactElement {
  if (isPending) return <span className="text-ink-3">…</span>
  return name === null || name === undefined ? <span className="text-ink-3">deleted</span> : <>{name}</>
}

/** A flow by its id, as a link. */
export function FlowLink({ id }: { readonly id: string }): ReactElement {
  const { data, isPending } = useQuery(queries.flowName(id))
  return (
    <Link to="/flows/$id" params={{ id }} search={{}} className={LINK} title={data ?? ''}>
      <Name name={data} isPending={isPending} />
    </Link>
  )
}

/** The name of a flow alone, where the whole is a link already. */
export function FlowName({ id }: { readonly id: string }): ReactElement {
  const { data, isPending } = useQuery(queries.flowName(id))
  return <Name name={data} isPending={isPending} />
}

export function DeploymentLink({ id }: { readonly id: string | null }): ReactElement {
  const { data, isPending } = useQuery({ ...queries.deploymentName(id ?? ''), enabled: id !== null })
  if (id === null) return <span className="text-ink-3">–</span>
  return (
    <Link to="/deployments/$id" params={{ id }} search={{}} className={LINK} title={data ?? ''}>
      <Name name={data} isPending={isPending} />
    </Link>
  )
}

export function DeploymentName({ id }: { readonly id: string }): ReactElement {
  const { data, isPending } = useQuery(queries.deploymentName(id))
  return <Name name={data} isPending={isPending} />
}

export function FlowRunLink({ id }: { readonly id: string | null }): ReactElement {
  const { data, isPending } = useQuery({ ...queries.flowRunName(id ?? ''), enabled: id !== null })
  if (id === null) return <span className="text-ink-3">–</span>
  return (
    <Link to="/runs/$id" params={{ id }} search={{}} className={LINK} title={data ?? ''}>
      <Name name={data} isPending={isPending} />
    </Link>
  )
}
