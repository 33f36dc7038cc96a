import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { RunTable } from '../../parts/run-table/run-table.tsx'
import { SavedViews } from '../../parts/run-table/saved-views.tsx'
import { Segmented } from '../../parts/segmented.tsx'
import { readRunFilter } from '../../run-filter.ts'
import { ChartNoAxesGantt } from 'lucide-react'
import { TaskRunTable } from './task-runs.tsx'

export function RunsPage(): ReactElement {
  const address = useAddress()
  const kind = address.one('kind') === 'tasks' ? 'tasks' : 'flows'
  return (
    <Page
      title="Runs"
      isFilling
      beside={
        <Segmented
          label="Runs of"
          choices={[
            { value: 'flows', label: 'Flow runs' },
            { value: 'tasks', label: 'Task runs' },
          ]}
          value={kind}
          onChange={(next) => address.set({ kind: next === 'tasks' ? 'tasks' : undefined, sort: undefined })}
        />
      }
    >
      {kind === 'tasks' ? (
        <TaskRunTable />
      ) : (
        <RunTable
          empty={
            <Empty icon={ChartNoAxesGantt} title="Nothing has run yet" command="npx tutti run flow.ts">
              A run appears here the moment it begins.
            </Empty>
          }
        >
          <SavedViews filter={readRunFilter(address)} sort={address.one('sort')} />
        </RunTable>
      )}
    </Page>
  )
}
