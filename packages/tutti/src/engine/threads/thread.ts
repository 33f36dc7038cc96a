// What runs on each thread of the pool: one call at a time, each from a file of the user's.
import { parentPort } from 'node:worker_threads'
import { processClasses } from '../class-registry.ts'
import { importModule } from '../entrypoint.ts'
import { describeThrown } from '../error-data.ts'
import { ERROR_MAX_BYTES } from '../stored-error.ts'
import type { ThreadAnswer, ThreadCall, ThreadEnd } from './messages.ts'

const port = parentPort
if (port === null) throw new Error('this file runs on a thread and is started by thread-pool.ts only')

port.on('message', (call: ThreadCall) => {
  void perform(call).then((end) => answer(call.callId, end))
})

async function perform({ module, exportName, args }: ThreadCall): Promise<ThreadEnd> {
  try {
    const namespace = await importModule(module)
    const fn = Object.hasOwn(namespace, exportName) ? namespace[exportName] : undefined
    if (typeof fn !== 'function') return { type: 'no function', exports: Object.keys(namespace) }
    return { type: 'value', value: await fn(...args) }
  } catch (error) {
    return { type: 'thrown', error: describeThrown(error, processClasses(), ERROR_MAX_BYTES) }
  }
}

function answer(callId: number, end: ThreadEnd): void {
  try {
    post({ callId, end })
  } catch (error) {
    post({ callId, end: { type: 'stuck', problem: error instanceof Error ? error.message : String(error) } })
  }
}

function post(message: ThreadAnswer): void {
  port?.postMessage(message)
}
