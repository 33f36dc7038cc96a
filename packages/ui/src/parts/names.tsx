import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import * as queries from '../queries.ts'

const LINK = 'hover:text-ink hover:underline'

/** `undefined`: not known, be it that it is asked for or that the server did not answer. */
function Name({ name }: { readonly name: string | null | undefined }): ReactElement {
  if (name === undefined) return <span className="text-ink-3">…</span>
  return name === null ? <span className="text-ink-3">deleted</span> : <>{name}</>
}

/** A flow by its id, as a link. */
export function FlowLink({ id }: { readonly id: string }): ReactElement {
  const { data } = useQuery(queries.flowName(id))
  return (
    <Link to="/flows/$id" params={{ id }} search={{}} className={LINK} title={data ?? ''}>
      <Name name={data} />
    </Link>
  )
}

/** The name of a flow alone, where the whole is a link already. */
export function FlowName({ id }: { readonly id: string }): ReactElement {
  const { data } = useQuery(queries.flowName(id))
  return <Name name={data} />
}

export function DeploymentLink({ id }: { readonly id: string | null }): ReactElement {
  const { data } = useQuery({ ...queries.deploymentName(id ?? ''), enabled: id !== null })
  if (id === null) return <span className="text-ink-3">–</span>
  return (
    <Link to="/deployments/$id" params={{ id }} search={{}} className={LINK} title={data ?? ''}>
      <Name name={data} />
    </Link>
  )
}

export function DeploymentName({ id }: { readonly id: string }): ReactElement {
  const { data } = useQuery(queries.deploymentName(id))
  return <Name name={data} />
}

export function FlowRunLink({ id }: { readonly id: string | null }): ReactElement {
  const { data } = useQuery({ ...queries.flowRunName(id ?? ''), enabled: id !== null })
  if (id === null) return <span className="text-ink-3">–</span>
  return (
    <Link to="/runs/$id" params={{ id }} search={{}} className={LINK} title={data ?? ''}>
      <Name name={data} />
    </Link>
  )
}
