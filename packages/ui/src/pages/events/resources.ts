/** What an event is about, or what it touches. */
export interface EventResource {
  readonly id: string
  readonly name: string
  /** `flow-run`, `work-pool`. */
  readonly kind: string
  readonly role: string | undefined
  /** Where it is shown. */
  readonly to: string | undefined
}

const PAGES: Readonly<Record<string, string>> = {
  'flow-run': '/runs',
  flow: '/flows',
  deployment: '/deployments',
  artifact: '/artifacts',
  'block-document': '/blocks',
}

export function resourceOf(labels: Readonly<Record<string, string>>): EventResource {
  const id = labels['prefect.resource.id'] ?? ''
  const name = labels['prefect.resource.name'] ?? ''
  const [, kind = '', own = ''] = /^prefect\.([\w-]+)\.(.+)$/.exec(id) ?? []
  const page = PAGES[kind]
  const to =
    page !== undefined
      ? `${page}/${own}`
      : kind === 'work-pool' && name !== ''
        ? `/work-pools/${encodeURIComponent(name)}`
        : kind === 'variable'
          ? `/variables?q=${encodeURIComponent(name)}`
          : kind === 'concurrency-limit'
            ? '/concurrency'
            : undefined
  return { id, name: name === '' ? own || id : name, kind: kind === '' ? 'resource' : kind, role: labels['prefect.resource.role'], to }
}

/** `prefect.flow-run.Completed` as words: what, and what happened to it. */
export function wordsOf(event: string): string {
  const plain = event.replace(/^prefect(?:-cloud)?\./, '')
  const [what = '', ...rest] = plain.split('.')
  if (rest.length === 0) return plain
  return `${capital(what.replaceAll('-', ' '))} ${rest.join(' ').replaceAll('-', ' ').toLowerCase()}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The tone of the state that a flow run or a task run went to; `undefined` for other facts. */
export function stateOfEvent(event: string): { readonly type: string; readonly name: string } | undefined {
  const [, name] = /^prefect\.(?:flow|task)-run\.(\w+)$/.exec(event) ?? []
  if (name === undefined) return undefined
  const type = TYPES[name] ?? name.toUpperCase()
  return { type, name }
}

const TYPES: Readonly<Record<string, string>> = {
  Late: 'SCHEDULED',
  AwaitingRetry: 'SCHEDULED',
  Resuming: 'SCHEDULED',
  Retrying: 'RUNNING',
  Cached: 'COMPLETED',
  Suspended: 'PAUSED',
}
