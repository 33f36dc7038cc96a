import { isTerminal } from '../../../states.ts'

/** What can be asked of a run as it stands. */
export interface PossibleActions {
  readonly cancel: boolean
  /** Its end has been asked for already; it can be enforced. */
  readonly force: boolean
  readonly pause: boolean
  readonly resume: boolean
  /** In place: the same run goes on. */
  readonly retry: boolean
  /** As a new run, from any of its tasks. */
  readonly rerun: boolean
  readonly runAgain: boolean
  readonly runNow: boolean
  readonly delete: boolean
}

export interface ActionFacts {
  readonly stateType: string | null
  readonly stateName: string | null
  readonly isDeployed: boolean
}

export function possibleActions({ stateType, stateName, isDeployed }: ActionFacts): PossibleActions {
  const isOver = isTerminal(stateType)
  return {
    cancel: !isOver && stateType !== 'CANCELLING',
    force: stateType === 'CANCELLING',
    pause: isDeployed && stateType === 'SCHEDULED' && stateName !== 'Sleeping',
    resume: stateType === 'PAUSED',
    retry: stateType === 'FAILED' || stateType === 'CRASHED' || stateType === 'CANCELLED',
    rerun: isOver,
    runAgain: isDeployed,
    runNow: stateType === 'SCHEDULED',
    delete: isOver || stateType === 'SCHEDULED',
  }
}
