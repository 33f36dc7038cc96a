import { afterEach, beforeEach, describe } from 'vitest'
import { Actions, Processes, StoppedTime } from './home.ts'
import type { OpenHome } from './home.ts'
import { blockCases } from './orchestrator/blocks.ts'
import { flowRunCases } from './orchestrator/flow-runs.ts'
import { journalCases } from './orchestrator/journal.ts'
import { leaseCases } from './orchestrator/leases.ts'
import { rerunCases } from './orchestrator/reruns.ts'
import { resultCases } from './orchestrator/results.ts'
import { retentionCases } from './orchestrator/retention.ts'
import { waitCases } from './orchestrator/waits.ts'

/** What every orchestrator does, near or far. */
export function orchestratorCases(name: string, open: OpenHome): void {
  describe(`the orchestrator: ${name}`, () => {
    let actions: Actions

    beforeEach(async () => {
      const time = new StoppedTime()
      const processes = new Processes()
      actions = new Actions({ orchestrator: await open({ time, processes }), time, processes })
    })
    afterEach(() => actions.home.orchestrator.close())

    journalCases(() => actions)
    flowRunCases(() => actions)
    leaseCases(() => actions)
    resultCases(() => actions)
    retentionCases(() => actions)
    waitCases(() => actions)
    rerunCases(() => actions)
    blockCases(() => actions)
  })
}
