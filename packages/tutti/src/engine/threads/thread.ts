// What runs on each thread of the pool: one call at a time, each from a file of the user's.
import { parentPort } from 'node:worker_threads'
import { processClasses } from '../class-registry.ts'
import { importModule } from '../entrypoint.ts'
import { describeThrown } from '../error-data.ts'
import { format } from 'node:util'
import { captureConsole } from '../../system/console.ts'
import { systemSecretSources } from '../../system/secret-sources.ts'
import { maskSecrets, onSecret, registerSecret } from '../secret-mask.ts'
import { provideSecretSources } from '../secret-sources.ts'
import { ERROR_MAX_BYTES } from '../stored-error.ts'
import type { ThreadAnswer, ThreadCall, ThreadEnd, ThreadSecret } from './messages.ts'

const port = parentPort
if (port === null) throw new Error('this file runs on a thread and is started by thread-pool.ts only')

provideSecretSources(systemSecretSources)
onSecret((value) => post({ tuttiSecret: value }))
captureConsole((_level, args) => {
  const text = format(...args)
  const masked = maskSecrets(text)
  return masked === text ? false : masked
})

port.on('message', (call: ThreadCall) => {
  for (const value of call.secrets) registerSecret(value)
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

function post(message: ThreadAnswer | ThreadSecret): void {
  port?.postMessage(message)
}
