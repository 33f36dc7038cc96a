import type { LeaseHolder } from '../../src/core/lease.ts'
import type { FlowRun } from '../../src/core/flow-run.ts'
import type { JournalAnswer, JournalOperation, Liveness, NewFlowRun, Orchestrator } from '../../src/core/orchestrator.ts'
import type { Clock, Instant } from '../../src/core/time.ts'
import { aHolder, createRecords, SECOND, T0 } from './records.ts'
import type { Records } from './records.ts'

/** One home, empty at first, and what a case may do to the world around it. */
export interface Home {
  readonly orchestrator: Orchestrator
  readonly time: StoppedTime
  readonly processes: Processes
}

/** Opens an empty home; the case closes its orchestrator. */
export type OpenHome = (world: { readonly time: StoppedTime; readonly processes: Processes }) => Promise<Orchestrator>

/** A clock that stands still until a test moves it. */
export class StoppedTime implements Clock {
  #now: Instant = T0

  now(): Instant {
    return this.#now
  }

  advance(byUs: number): Instant {
    this.#now += byUs
    return this.#now
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('nothing here waits for time'))
  }

  timer(): () => void {
    return () => undefined
  }
}

/** Which processes live. Those of another host than `here` are not known. */
export class Processes implements Liveness {
  readonly #dead = new Set<number>()

  kill(pid: number): void {
    this.#dead.add(pid)
  }

  self(): LeaseHolder {
    return aHolder()
  }

  of({ host, pid }: LeaseHolder): 'alive' | 'dead' | 'unknown' {
    if (host !== 'here') return 'unknown'
    return this.#dead.has(pid) ? 'dead' : 'alive'
  }
}

/** What cases of orchestrators write in a word. */
export class Actions {
  readonly home: Home
  readonly records: Records

  constructor(home: Home) {
    this.home = home
    this.records = createRecords()
  }

  newRun(changes: Partial<NewFlowRun> = {}): NewFlowRun {
    const id = changes.id ?? this.records.ids.next()
    const createdAt = this.home.time.now()
    return {
      id,
      flowName: 'sync',
      name: 'quiet-otter',
      version: null,
      entrypoint: null,
      tags: [],
      parameters: { format: 'json', text: '{}' },
      idempotencyKey: null,
      parentTaskRunId: null,
      rootId: id,
      policy: { retries: 0, crashRestarts: 0 },
      createdAt,
      lease: { holder: aHolder(), until: createdAt + 45 * SECOND },
      ...changes,
    }
  }

  flush(...operations: readonly JournalOperation[]): Promise<readonly JournalAnswer[]> {
    return this.home.orchestrator.journal.flush(operations)
  }

  /** Creates and starts a run. */
  async begin(changes: Partial<NewFlowRun> = {}): Promise<FlowRun> {
    const [answer] = await this.flush({ type: 'begin', run: this.newRun(changes), parent: null })
    return runOf(answer)
  }

  /** A run with a sub-flow run, both running. */
  async beginTree(): Promise<{ root: FlowRun; mirrorId: string; child: FlowRun }> {
    const root = await this.begin()
    const id = this.records.ids.next()
    const mirror = this.mirror(root, id)
    const run = this.newRun({ id, name: 'child', parentTaskRunId: mirror.id, rootId: root.id })
    const [answer] = await this.flush({ type: 'begin', run, parent: mirror })
    return { root, mirrorId: mirror.id, child: runOf(answer) }
  }

  /** The task run that stands for a child in its parent, running. */
  mirror(parent: FlowRun, childFlowRunId: string): ReturnType<Records['checkpoint']> {
    const { records } = this
    return records.checkpoint({
      flowRunId: parent.id,
      attempt: parent.attempt,
      kind: 'flow',
      taskKey: 'flow:child',
      childFlowRunId,
      sequence: 1,
      state: records.state('running', this.home.time.now()),
      number: null,
      endedAt: null,
      outcome: null,
    })
  }

  /** Ends a run as its holder would. */
  async end(run: FlowRun, how: 'complete' | 'fail' = 'complete'): Promise<FlowRun> {
    const outcome = { format: 'json', text: '1' } as const
    const command = how === 'complete' ? { type: how, outcome } : { type: how, message: 'boom', outcome, retryDelayMs: null }
    const [answer] = await this.flush({ type: 'command', flowRunId: run.id, attempt: run.attempt, command, parent: null })
    return runOf(answer)
  }
}

export function runOf(answer: JournalAnswer | undefined): FlowRun {
  if (answer?.type === 'run') return answer.run
  throw new Error(`no run was answered but ${JSON.stringify(answer)}`)
}
