import { ChartNoAxesGantt } from 'lucide-react'
import { useMemo } from 'react'
import type { ReactElement } from 'react'
import { Empty } from '../../parts/empty.tsx'
import { RunTable } from '../../parts/run-table/run-table.tsx'
import type * as queries from '../../queries.ts'
import { asCommand } from './run-code.ts'

/** Columns that say the same in every row. */
const WITHOUT = ['flow', 'deployment']

export function RunsTab({ deployment, flowName }: { readonly deployment: queries.Deployment; readonly flowName: string }): ReactElement {
  const fixed = useMemo(() => ({ deployments: [deployment.id] }), [deployment.id])
  const command = asCommand({ flowName, deploymentName: deployment.name })
  return (
    <div className="flex h-full min-h-96 flex-col pt-4">
      <RunTable
        fixed={fixed}
        without={WITHOUT}
        empty={
          <Empty icon={ChartNoAxesGantt} title="It has not run yet" command={command}>
            Run it here, from a terminal, or give it a schedule.
          </Empty>
        }
      />
    </div>
  )
}
