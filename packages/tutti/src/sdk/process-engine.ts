import { currentContext } from '../engine/context.ts'
import type { Engine } from '../engine/engine.ts'

const ENGINE = Symbol.for('tutti.engine')

interface Holder {
  [ENGINE]?: Engine | Promise<Engine> | undefined
}

/** The engine of this process: made by the first run, or set by whoever connected before (the command, a test). */
export function engineOfProcess(): Engine | Promise<Engine> {
  const holder = globalThis as Holder
  return (holder[ENGINE] ??= connectDefault())
}

/** The engine of the run this code is in; outside of one that of the process. */
export async function engineHere(): Promise<Engine> {
  return currentContext()?.active.engine ?? engineOfProcess()
}

export function setProcessEngine(engine: Engine | Promise<Engine> | undefined): void {
  const holder = globalThis as Holder
  holder[ENGINE] = engine
}

/** Forgets an engine, unless another has taken its place. */
export function clearProcessEngine(engine: Engine): void {
  const holder = globalThis as Holder
  if (holder[ENGINE] === engine) holder[ENGINE] = undefined
}

async function connectDefault(): Promise<Engine> {
  try {
    const { connectEngine } = await import('./connect.ts')
    const { engine } = await connectEngine({})
    setProcessEngine(engine)
    return engine
  } catch (error) {
    // The next run may try again: a locked or full disk need not stay so.
    setProcessEngine(undefined)
    throw error
  }
}
