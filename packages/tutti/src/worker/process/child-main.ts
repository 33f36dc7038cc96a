// The program in which a worker runs flow runs, one at a time. It ends when its worker is gone and its run is over.
import path from 'node:path'
import { TuttiError } from '../../core/errors.ts'
import type { FlowDefinition, FlowLike } from '../../engine/definition.ts'
import type { Engine } from '../../engine/engine.ts'
import { prepareFlow, resolveFlow } from '../../engine/entrypoint.ts'
import { knownSecrets, onSecret } from '../../engine/secret-mask.ts'
import { runDue } from '../../engine/run-due.ts'
import { messageOf } from '../../engine/thrown.ts'
import { connectEngine } from '../../sdk/connect.ts'
import { setProcessEngine } from '../../sdk/process-engine.ts'
import { becomePlace, ownUsage, parentChannel } from '../../system/child-side.ts'
import { nextTurn } from '../../system/event-loop.ts'
import { exitProcess } from '../../system/process.ts'
import { inCode } from '../code/index.ts'
import type { CodePlace, FromChild, ToChild, Usage } from './messages.ts'

const SAMPLE_MS = 250

const channel = parentChannel()
let isAlone = false
let isBusy = false
channel.onGone(() => {
  isAlone = true
  if (!isBusy) exitProcess(0)
})

// What is printed is kept by the worker.
for (const value of knownSecrets()) tell({ type: 'secret', value })
onSecret((value) => tell({ type: 'secret', value }))
const { engine } = await connectEngine({ handleProcess: false, print: false })
if (engine.server === null)
  throw new TuttiError('NEEDS_SERVER', 'the worker’s server cannot be found by the process that is to run its flow runs')
setProcessEngine(engine)
engine.beats.warm?.()
const known: { place?: string } = {}
channel.onMessage((message) => {
  const told = message as ToChild // sent by the worker of this package
  if (told.type === 'prepare') void prepare(told.place)
  else void run(engine, told)
})
tell({ type: 'ready' })

function tell(message: FromChild): void {
  channel.send(message)
}

/** Code that cannot be loaded says so when a run needs it. */
async function prepare(place: CodePlace): Promise<void> {
  enter(place)
  await resolveFlow(pathOf(place)).catch(() => undefined)
  tell({ type: 'prepared' })
}

async function run(by: Engine, { flowRunId, flowName, place }: ToChild & { type: 'run' }): Promise<void> {
  isBusy = true
  const usage = watchUsage(by)
  try {
    const prepared = Promise.withResolvers<() => Promise<FlowLike>>()
    const running = runDue(by, flowRunId, () => {
      tell({ type: 'begun' })
      return load(place, flowName, prepared.promise)
    })
    // While the server is asked for the run; whether it can be had matters once the run is held.
    prepared.promise.catch(() => undefined)
    nextTurn(() => void prepareIn(place).then(prepared.resolve, prepared.reject))
    const end = await running
    await by.journal.idle()
    if (end.type === 'left') tell({ type: 'left', reason: end.reason })
    else {
      const { type } = end.run.state
      // Code that was cancelled, timed out or left waiting may still be in this process.
      tell({ type: 'ended', state: end.run.state.name, isReusable: type === 'completed', usage: usage() })
    }
  } catch (error) {
    tell({ type: 'broken', reason: messageOf(error) })
  } finally {
    isBusy = false
    if (isAlone) exitProcess(0)
  }
}

async function prepareIn(place: CodePlace): Promise<() => Promise<FlowLike>> {
  enter(place)
  return prepareFlow(pathOf(place))
}

async function load(place: CodePlace, flowName: string, prepared: Promise<() => Promise<FlowLike>>): Promise<FlowDefinition> {
  enter(place)
  let definition: FlowDefinition
  try {
    const resolve = await prepared
    definition = (await resolve()).definition
  } catch (error) {
    throw inCode(error, { ...place, place: place.source })
  }
  if (definition.name !== flowName)
    throw new TuttiError('WRONG_FLOW', `${place.entrypoint} is the flow ${definition.name}, and the run is one of ${flowName}`)
  return definition
}

function enter(place: CodePlace): void {
  const key = JSON.stringify(place)
  if (known.place === key) return
  becomePlace({ environment: place.environment, folder: place.workingFolder })
  known.place = key
}

function pathOf({ folder, entrypoint }: CodePlace): string {
  return path.resolve(folder, entrypoint)
}

function watchUsage({ clock }: Engine): () => Usage {
  const before = ownUsage()
  let memoryMaxBytes = before.memoryBytes
  let stop: (() => void) | undefined
  const sample = (): void => {
    memoryMaxBytes = Math.max(memoryMaxBytes, ownUsage().memoryBytes)
    stop = clock.timer(SAMPLE_MS, sample)
  }
  sample()
  return () => {
    stop?.()
    const after = ownUsage()
    return { cpuMs: Math.round(after.cpuMs - before.cpuMs), memoryMaxBytes: Math.max(memoryMaxBytes, after.memoryBytes) }
  }
}
