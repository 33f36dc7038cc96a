import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { root } from '../../connection.ts'
import { Section } from '../../parts/page.tsx'
import * as queries from '../../queries.ts'
import { Facts } from './facts.tsx'

const LICENCES: readonly (readonly [string, string])[] = [
  ['React', 'MIT'],
  ['TanStack Router, Query, Virtual', 'MIT'],
  ['Radix UI', 'MIT'],
  ['cmdk', 'MIT'],
  ['Tailwind CSS', 'MIT'],
  ['react-markdown, remark-gfm', 'MIT'],
  ['react-hook-form', 'MIT'],
  ['uPlot', 'MIT'],
  ['Lucide', 'ISC'],
  ['Inter, JetBrains Mono', 'SIL Open Font License 1.1'],
]

/** What this is, and what it is made with. */
export function About(): ReactElement {
  const { data } = useQuery(queries.serverSettings())
  return (
    <div className="grid items-start gap-4 pt-4 lg:grid-cols-2">
      <Section title="Tutti">
        <Facts
          facts={[
            ['Version', data?.server?.version ?? '–'],
            ['Licence', 'Apache 2.0'],
            [
              'Reference of the API',
              <a key="docs" href={new URL('docs/api', root).href} className="text-accent-text hover:underline">
                /docs/api
              </a>,
            ],
            [
              'Licences of its parts',
              <a key="licences" href={new URL('licenses.txt', root).href} className="text-accent-text hover:underline">
                licenses.txt
              </a>,
            ],
          ]}
        />
      </Section>
      <Section title="Made with">
        <Facts facts={LICENCES} />
      </Section>
    </div>
  )
}
