// The one thread that writes a SQLite database of a server: requests that read do not wait for it, and it does not wait for them.
import { parentPort, workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Told } from '../../core/told.ts'
import { createServerOrchestrator } from '../../orchestrator/server.ts'
import { withGroupCommit } from '../../store/group-commit.ts'
import type { Store } from '../../store/port.ts'
import { secretKeys } from '../../store/secret-keys.ts'
import { createSecretBox } from '../../store/secrets.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { systemClock } from '../../system/clock.ts'
import { nextTurn } from '../../system/event-loop.ts'
import { systemLiveness } from '../../system/liveness.ts'
import { systemIds, systemRandom } from '../../system/random.ts'
import { orchestratorsOf } from '../callers.ts'
import { isPlain } from './messages.ts'
import type { FromWriter, ToWriter, WriteRequest, WriterData } from './messages.ts'
import { pack, packError, unpack } from '../../core/packing.ts'
import type { StoreUpgrade } from '../../core/store-upgrade.ts'

const port = parentPort
if (port === null) throw new Error('this file is the writer thread and is started by writer.ts only')
const { path, durability, busyTimeoutMs, resultsFolder, keys } = workerData as WriterData // given by writer.ts

const clock = systemClock()

try {
  const onUpgrade = (upgrade: StoreUpgrade): void => port.postMessage({ type: 'upgrade', upgrade } satisfies FromWriter)
  serve(port, await openSqlite({ path, durability, busyTimeoutMs, clock, onUpgrade }))
} catch (error) {
  // Nothing listens any more, so the thread ends.
  port.postMessage({ type: 'unopened', error: packError(error) } satisfies FromWriter)
}

function serve(to: MessagePort, opened: Store): void {
  let details = false
  const post = (message: FromWriter): void => to.postMessage(message)
  const world = {
    store: withGroupCommit(opened, nextTurn),
    clock,
    ids: systemIds(clock),
    random: systemRandom(),
    secrets: createSecretBox(secretKeys(keys, systemRandom()), systemRandom()),
    liveness: systemLiveness(),
    resultsFolder,
    tell: (told: readonly Told[]) => {
      const wanted = details ? told : told.filter(({ type }) => type !== 'task-run' && type !== 'logs')
      // The facts are plain data but for the classes that `pack` knows.
      if (wanted.length > 0) post({ type: 'told', told: pack(wanted) as readonly Told[] })
    },
  }
  const orchestratorOf = orchestratorsOf((actor) => createServerOrchestrator({ ...world, actor }))
  to.on('message', (message: ToWriter) => {
    switch (message.type) {
      case 'write':
        return void write(orchestratorOf(message.caller), message).then(post)
      case 'watch':
        details = message.details
        return
      case 'close':
        return void orchestratorOf(undefined)
          .close()
          .then(() => to.close())
    }
  })
  post({ type: 'ready' })
}

async function write(orchestrator: ServerOrchestrator, { id, noun, verb, args }: WriteRequest): Promise<FromWriter> {
  try {
    // Named by the proxy in writer.ts, which is made from an orchestrator of the same kind.
    const operations = orchestrator[noun as 'flowRuns'] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    const operation = operations[verb]
    if (operation === undefined) throw new Error(`the orchestrator has no operation ${noun}.${verb}`)
    const result = await operation(...(isPlain(noun, verb) ? args : args.map(unpack)))
    return { type: 'answer', id, result: pack(result) }
  } catch (error) {
    return { type: 'refusal', id, error: packError(error) }
  }
}
