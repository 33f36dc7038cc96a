import type { FlowRun } from '../core/flow-run.ts'
import type { DeploymentFacts, ProposalEffect } from '../core/flow-run-proposal.ts'
import type { Instant } from '../core/time.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** What a decision on a run must know of its deployment: whether it is there, and how many slots of its limit are free. */
export function* deploymentFacts(_deps: Deps, run: FlowRun, _now: Instant): Script<DeploymentFacts> {
  return { type: 'none' }
}

export function* applyEffects(_deps: Deps, _run: FlowRun, _effects: readonly ProposalEffect[]): Script<void> {}

/** For a run that is deleted while it holds a slot. */
export function* giveSlotBack(_deps: Deps, _run: FlowRun): Script<void> {}
