import { TuttiError } from '../core/errors.ts'
import type { FlowRunCommand } from '../core/flow-run.ts'
import type { JournalOperation, Orchestrator } from '../core/orchestrator.ts'
import type { HistoryEntry } from '../core/task-run.ts'
import type { State } from '../core/state.ts'
import { holdsSecret, knowsSecrets, maskJson, maskSecrets } from './secret-mask.ts'

/**
 * The last place that everything a run writes comes through: texts of people have asterisks in place of the secrets this process knows.
 * Logs and errors are masked where they are made, as they are cut there; parameters and results that hold a secret never get here.
 */
export function maskedOrchestrator(orchestrator: Orchestrator): Orchestrator {
  const { journal, flowRuns, artifacts, waits } = orchestrator
  return {
    ...orchestrator,
    journal: {
      flush: (operations) => journal.flush(knowsSecrets() ? operations.map(maskedOperation) : operations),
      entries: (flowRunId, page) => journal.entries(flowRunId, page),
      outcomes: (flowRunId, taskRunIds) => journal.outcomes(flowRunId, taskRunIds),
      values: (flowRunId) => journal.values(flowRunId),
      cached: (key, now) => journal.cached(key, now),
    },
    flowRuns: {
      ...flowRuns,
      command: (id, command) => flowRuns.command(id, maskedCommand(command)),
      rerun: (id, request) => flowRuns.rerun(id, request.name === null ? request : { ...request, name: maskSecrets(request.name) }),
    },
    artifacts: {
      ...artifacts,
      publish: (artifact) =>
        artifacts.publish(
          knowsSecrets()
            ? {
                ...artifact,
                data: maskJson(artifact.data),
                description: artifact.description === null ? null : maskSecrets(artifact.description),
              }
            : artifact,
        ),
    },
    waits: {
      ...waits,
      wake(flowRunId, input) {
        if (input !== null && holdsSecret(input))
          throw new TuttiError(
            'SECRET_IN_PARAMETERS',
            `the input for flow run ${flowRunId} holds a secret, and inputs are kept with their run`,
          )
        return waits.wake(flowRunId, input)
      },
    },
  }
}

function maskedOperation(operation: JournalOperation): JournalOperation {
  switch (operation.type) {
    case 'begin': {
      const { run, parent } = operation
      return {
        ...operation,
        run: { ...run, name: maskSecrets(run.name), tags: run.tags.map(maskSecrets) },
        parent: parent && masked(parent),
      }
    }
    case 'command': {
      const { command, parent } = operation
      return { ...operation, command: maskedCommand(command), parent: parent && masked(parent) }
    }
    case 'checkpoint':
      return { ...operation, checkpoint: masked(operation.checkpoint) }
    case 'value':
    case 'log':
      return operation
  }
}

/** A command with texts of people. */
type TellingCommand = Extract<FlowRunCommand, { readonly message?: string }>

function maskedCommand(command: FlowRunCommand): FlowRunCommand {
  if (!knowsSecrets() || !isTelling(command)) return command
  const { message } = command
  return {
    ...command,
    ...(message === undefined ? undefined : { message: maskSecrets(message) }),
    ...('name' in command && command.name !== undefined ? { name: maskSecrets(command.name) } : undefined),
    ...('pause' in command && command.pause !== null ? { pause: maskedPause(command.pause) } : undefined),
  }
}

function isTelling(command: FlowRunCommand): command is TellingCommand {
  return command.type !== 'start' && command.type !== 'renew'
}

type Pause = Extract<FlowRunCommand, { readonly type: 'pause' }>['pause']

function maskedPause(pause: Pause): Pause {
  const { key, description, schema } = pause
  return {
    ...pause,
    key: maskSecrets(key),
    description: description === null ? null : maskSecrets(description),
    schema: schema === null ? null : maskJson(schema),
  }
}

type Checkpoint = Extract<JournalOperation, { readonly type: 'checkpoint' }>['checkpoint']

function masked(checkpoint: Checkpoint): Checkpoint {
  const { name, tags, state, history } = checkpoint
  return {
    ...checkpoint,
    name: maskSecrets(name),
    tags: tags.map(maskSecrets),
    state: maskedState(state),
    history: history.map(maskedEntry),
  }
}

/** A state with asterisks in place of secrets in what it tells. */
export function maskedState<S extends State>(state: S): S {
  return { ...state, name: maskSecrets(state.name), message: state.message === null ? null : maskSecrets(state.message) }
}

function maskedEntry(entry: HistoryEntry): HistoryEntry {
  return { ...entry, name: maskSecrets(entry.name) }
}
