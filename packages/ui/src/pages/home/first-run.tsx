import { Link } from '@tanstack/react-router'
import type { ReactElement, ReactNode } from 'react'
import { CopyButton } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'

const FLOW = `import { flow, task } from 'tutti'

const fetchPage = task({ name: 'fetch-page', retries: 3 }, async (url: string) => {
  const answer = await fetch(url)
  return answer.text()
})

export const hello = flow({ name: 'hello' }, async () => {
  const page = await fetchPage('https://example.com')
  return page.length
})
`

/** Nothing has ever run here: what this is, and the shortest way to the first run. */
export function FirstRun(): ReactElement {
  return (
    <Page
      title="Welcome to Tutti"
      about="Tutti runs flows of TypeScript and keeps what each task returned: a flow whose process dies goes on where it was. Here you see what runs, what failed and why."
    >
      <ol className="flex max-w-3xl flex-col gap-3">
        <Step number={1} title="Write a flow" about="Save it as hello.ts in a project that has tutti installed (npm install tutti).">
          <Code text={FLOW} label="Copy the flow" />
        </Step>
        <Step number={2} title="Run it" about="It appears here while it runs; its page shows every task, log line and result.">
          <Code text="npx tutti run hello.ts" label="Copy the command" />
        </Step>
        <Step
          number={3}
          title="Let it run by itself"
          about="Name it with a schedule in tutti.config.ts: the deployment runs without anyone there."
        >
          <Code text="npx tutti deploy" label="Copy the command" />
        </Step>
      </ol>
      <p className="text-sm text-ink-2">
        Go on with{' '}
        <Link to="/deployments" search={{}} className="text-accent-text hover:underline">
          deployments
        </Link>
        ,{' '}
        <Link to="/work-pools" search={{}} className="text-accent-text hover:underline">
          work pools
        </Link>{' '}
        or{' '}
        <Link to="/settings" search={{}} className="text-accent-text hover:underline">
          settings
        </Link>
        . Anything is found with <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5 font-mono text-xs">Ctrl K</kbd>.
      </p>
    </Page>
  )
}

function Step({
  number,
  title,
  about,
  children,
}: {
  readonly number: number
  readonly title: string
  readonly about: string
  readonly children: ReactNode
}): ReactElement {
  return (
    <li className="flex gap-4 rounded-lg border border-line bg-surface p-4">
      <span
        aria-hidden
        className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft text-sm font-semibold text-accent-text"
      >
        {number}
      </span>
      <div className="min-w-0 flex-1">
        <h2 className="font-semibold">{title}</h2>
        <p className="mb-3 text-sm text-ink-2">{about}</p>
        {children}
      </div>
    </li>
  )
}

function Code({ text, label }: { readonly text: string; readonly label: string }): ReactElement {
  return (
    <div className="flex items-start gap-1 rounded-md border border-line bg-sunken py-1 pr-1 pl-3">
      <pre tabIndex={0} className="min-w-0 flex-1 overflow-x-auto py-1 font-mono text-xs leading-5">
        {text.trimEnd()}
      </pre>
      <CopyButton text={text} label={label} />
    </div>
  )
}
