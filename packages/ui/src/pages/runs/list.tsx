import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import type { AddressReader } from '../../address.ts'
import type { Ahead } from '../../ahead.ts'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { askRunTable, RunTable } from '../../parts/run-table/run-table.tsx'
import { SavedViews } from '../../parts/run-table/saved-views.tsx'
import { Segmented } from '../../parts/segmented.tsx'
import * as queries from '../../queries.ts'
import { readRunFilter } from '../../run-filter.ts'
import { ChartNoAxesGantt } from 'lucide-react'
import { askTaskRunTable, TaskRunTable } from './task-runs.tsx'

export function askAhead(ahead: Ahead): void {
  if (kindOf(ahead.address) === 'tasks') return askTaskRunTable(ahead)
  askRunTable(ahead)
  void ahead.ask(queries.savedViews())
}

function kindOf(address: AddressReader): 'flows' | 'tasks' {
  return address.one('kind') === 'tasks' ? 'tasks' : 'flows'
}

export function RunsPage(): ReactElement {
  const address = useAddress()
  const kind = kindOf(address)
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
