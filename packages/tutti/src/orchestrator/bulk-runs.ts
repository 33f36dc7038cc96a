import { leftAlone, touchedStates } from '../core/bulk-action.ts'
import type { BulkAction, BulkRefusal, BulkRequest, BulkRunOperations } from '../core/bulk-action.ts'
import type { Condition } from '../core/condition.ts'
import { isTuttiError, TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { Proposal, Verdict } from '../core/proposal.ts'
import { PLAIN_RERUN } from '../core/rerun.ts'
import type { ServerOrchestrator } from '../core/server-orchestrator.ts'
import { STATE_TYPES } from '../core/state.ts'
import type { StateType } from '../core/state.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

const CANCELLED = 'cancelled together with others'

/** What is done to many runs: each by itself, as it would be done to one. */
export function bulkRunOperations(deps: Deps, flowRuns: ServerOrchestrator['flowRuns']): BulkRunOperations {
  const { store, clock } = deps
  const { listings, runPages } = store.tables

  return {
    plan: (action, filter) =>
      store.read(function* () {
        const { counts, hasMore } = filter.parametersText === null ? yield* countsOf(filter.where) : yield* runPages.countByState(filter)
        const states = STATE_TYPES.flatMap((stateType) => {
          const runs = counts.get(stateType) ?? 0
          return runs === 0 ? [] : [{ stateType, runs, leftAloneBecause: leftAlone(action, stateType) }]
        })
        const sum = (touched: boolean): number =>
          states.reduce((all, { runs, leftAloneBecause }) => all + ((leftAloneBecause === null) === touched ? runs : 0), 0)
        return { action, upTo: clock.now(), states, touched: sum(true), untouched: sum(false), hasMore }
      }),

    async act({ action, where, parametersText, upTo, expectedCount, limit, cursor, client }) {
      const { done: before, place } = readCursor(cursor)
      const left = expectedCount === null ? limit : Math.min(limit, expectedCount - before)
      if (left <= 0) return { done: 0, doneInAll: before, refused: [], cursor: null }
      const wanted: Condition = {
        type: 'all',
        of: [
          where,
          { type: 'field', field: 'stateType', test: { is: 'in', values: touchedStates(action) } },
          { type: 'field', field: 'createdAt', test: { is: 'at-most', value: upTo } },
        ],
      }
      const page = await store.read(() => runPages.page({ where: wanted, parametersText, sort: 'NEWEST', limit: left, cursor: place }))
      const refused: BulkRefusal[] = []
      for (const run of page.runs) {
        const reason = await attempt(action, run, client)
        if (reason !== null) refused.push({ flowRunId: run.id, name: run.name, reason })
      }
      const done = page.runs.length - refused.length
      const all = before + done
      const isOver = page.cursor === null || (expectedCount !== null && all >= expectedCount)
      return { done, doneInAll: all, refused, cursor: isOver ? null : `${all}.${page.cursor}` }
    },
  }

  function* countsOf(where: Condition): Script<{ readonly counts: ReadonlyMap<StateType, number>; readonly hasMore: boolean }> {
    const counts = new Map<StateType, number>()
    for (const type of STATE_TYPES) {
      const ofType: Condition = { type: 'all', of: [where, { type: 'field', field: 'stateType', test: { is: 'in', values: [type] } }] }
      counts.set(type, yield* listings.count('flow-runs', ofType))
    }
    return { counts, hasMore: false }
  }

  /** Why it was refused; `null`: it was done. One that cannot be changed leaves the others alone. */
  async function attempt(action: BulkAction, run: FlowRun, client: BulkRequest['client']): Promise<string | null> {
    try {
      return await act(action, run, client)
    } catch (error) {
      if (isTuttiError(error, 'FLOW_RUN_NOT_FOUND')) return null
      if (error instanceof TuttiError && error.status < 500) return error.message
      throw error
    }
  }

  async function act(action: BulkAction, run: FlowRun, client: BulkRequest['client']): Promise<string | null> {
    const propose = async (proposal: Proposal): Promise<string | null> =>
      reasonOf((await flowRuns.propose(run.id, proposal, { mode: 'ordinary', client })).verdict)
    switch (action) {
      case 'cancel': {
        if (run.lease === null) return propose({ type: 'cancelling', name: 'Cancelling', message: CANCELLED, details: {} })
        // Its process is told with its next beat.
        const decision = await flowRuns.command(run.id, { type: 'cancel', message: CANCELLED })
        return decision.type === 'reject' ? decision.reason : null
      }
      case 'retry':
        await flowRuns.rerun(run.id, { ...PLAIN_RERUN, how: 'retry' })
        return null
      case 'delete':
        await flowRuns.remove(run.id)
        return null
      case 'pause':
        return propose({ type: 'paused', name: 'Paused', message: 'paused together with others', details: {} })
      case 'resume':
        return reasonOf((await flowRuns.resumePaused(run.id, null, client)).verdict)
    }
  }
}

function reasonOf(verdict: Verdict): string | null {
  return verdict.type === 'accept' ? null : verdict.reason
}

function readCursor(cursor: string | null): { readonly done: number; readonly place: string | null } {
  if (cursor === null) return { done: 0, place: null }
  const [, done, place] = /^(\d{1,15})\.(.+)$/.exec(cursor) ?? []
  if (place === undefined) throw new TuttiError('INVALID_CURSOR', `${cursor} is not a cursor of an earlier request for this action`)
  return { done: Number(done), place }
}
