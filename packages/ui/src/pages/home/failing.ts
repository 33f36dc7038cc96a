// Which flows fail, from the newest runs that did and from how each flow has gone lately.

interface FailedRun {
  readonly id: string
  readonly flow_id: string
  readonly expected_start_time: string | null
  readonly start_time: string | null
  readonly state: { readonly message: string | null } | null
  readonly state_name: string | null
}

interface LastRun {
  readonly id: string
  readonly state_type: string
  readonly expected_start_time: string
}

export interface FailingFlow<Run extends FailedRun> {
  readonly flowId: string
  readonly failures: number
  /** The newest. */
  readonly last: Run
  /** It has not ended well since; `undefined`: a later run did. */
  readonly brokenSince: string | undefined
  /** How many in a row, with the newest. */
  readonly inARow: number
  /** All the runs that are known of it failed: it may have begun earlier. */
  readonly isLonger: boolean
}

/** Broken ones first, those that failed most of all first. */
export function failingFlows<Run extends FailedRun>(
  failed: readonly Run[],
  lastRuns: (flowId: string) => readonly LastRun[] | undefined,
): readonly FailingFlow<Run>[] {
  const flows = [...Map.groupBy(failed, ({ flow_id: id }) => id)].map(([flowId, runs]) => {
    const ended = (lastRuns(flowId) ?? []).filter(({ state_type: type }) => type === 'COMPLETED' || type === 'FAILED' || type === 'CRASHED')
    const well = ended.findIndex(({ state_type: type }) => type === 'COMPLETED')
    const inARow = well === -1 ? ended.length : well
    const first = ended[inARow - 1]
    return {
      flowId,
      failures: runs.length,
      last: runs[0]!,
      brokenSince: inARow === 0 ? undefined : first?.expected_start_time,
      inARow,
      isLonger: well === -1 && ended.length > 0,
    }
  })
  return flows.toSorted(
    (one, other) => Number(other.brokenSince !== undefined) - Number(one.brokenSince !== undefined) || other.failures - one.failures,
  )
}
