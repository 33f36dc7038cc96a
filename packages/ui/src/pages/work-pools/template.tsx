import { FileCog } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useQuery } from '@tanstack/react-query'
import { useChange } from '../../change.ts'
import { Button } from '../../parts/button.tsx'
import { CopyButton, Empty } from '../../parts/empty.tsx'
import { Section } from '../../parts/page.tsx'
import { SchemaForm, validateAgainst } from '../../parts/schema-form/index.ts'
import { tell } from '../../parts/toasts.tsx'
import * as queries from '../../queries.ts'
import type { WorkPool } from '../../queries/values.ts'
import { defaultsOf, formSchema, templateParts, withDefaults } from './pool-form.ts'

/** What a worker is told about the place of a run: the pool's defaults as a form, and the configuration they are put into. */
export function JobTemplate({ pool }: { readonly pool: WorkPool }): ReactElement {
  const parts = useMemo(() => templateParts(pool.base_job_template), [pool.base_job_template])
  const schema = useMemo(() => (parts === undefined ? undefined : formSchema(parts)), [parts])
  const { data: types } = useQuery(queries.poolTypes())
  const [changed, setChanged] = useState<unknown>()
  const save = useChange(queries.updatePool, ['work-pools'])
  if (parts === undefined || schema === undefined) {
    const usual = types?.find(({ type }) => type === pool.type)
    return (
      <Empty
        icon={FileCog}
        title="This pool has no job template"
        action={
          usual === undefined ? undefined : (
            <Button isBusy={save.isPending} onClick={() => save.mutate({ name: pool.name, base_job_template: usual.template })}>
              Use the usual one for {usual.name}
            </Button>
          )
        }
      >
        Its workers start runs as they usually do. With a template it has variables that deployments and single runs may set.
      </Empty>
    )
  }
  const value = changed ?? defaultsOf(parts)
  const isFit = Object.keys(validateAgainst(schema, value)).length === 0
  const configuration = JSON.stringify(parts.configuration, null, 2)
  return (
    <div className="grid items-start gap-4 pt-4 lg:grid-cols-[3fr_2fr]">
      <Section
        title="Defaults for every run"
        actions={
          <>
            {changed !== undefined && (
              <Button size="small" onClick={() => setChanged(undefined)}>
                Put back
              </Button>
            )}
            <Button
              size="small"
              look="primary"
              disabled={changed === undefined || !isFit}
              isBusy={save.isPending}
              onClick={() =>
                save.mutate(
                  { name: pool.name, base_job_template: withDefaults(pool.base_job_template, value as Readonly<Record<string, unknown>>) }, // it fits an object's schema
                  {
                    onSuccess: () => {
                      setChanged(undefined)
                      tell({ tone: 'info', text: 'Saved. Runs that start from now on have these defaults.' })
                    },
                  },
                )
              }
            >
              Save
            </Button>
          </>
        }
      >
        <div className="p-4">
          <SchemaForm schema={schema} value={value} onChange={setChanged} label="Variables" />
        </div>
      </Section>
      <Section title="Base job configuration" actions={<CopyButton text={configuration} label="Copy the configuration" />}>
        <pre tabIndex={0} className="max-h-[60vh] overflow-auto p-4 font-mono text-xs leading-5 text-ink-2">
          {configuration}
        </pre>
      </Section>
    </div>
  )
}
