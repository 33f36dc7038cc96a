import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { createClient } from 'tutti/client'
import { root } from '../../scripts/processes.ts'

type Client = ReturnType<typeof createClient>

const MAIN = path.join(root, 'packages', 'tutti', 'dist', 'cli', 'main.js')
const FOLDER = import.meta.dirname
/** Longer than anything here takes. */
const WITHIN_MS = 120_000

/** Something that runs due runs, in a process of its own. */
export interface Runner {
  stop(): Promise<void>
}

/** `serve()` in a process of its own. */
export function startServing(url: string, home: string): Promise<Runner> {
  return start([path.join(FOLDER, 'serve.ts')], 'Serving three-tasks', url, home)
}

export function startWorker(url: string, home: string, options: readonly string[]): Promise<Runner> {
  const args = [MAIN, 'worker', 'start', '--pool', 'bench', '--type', 'process', ...options]
  return start(args, 'serves the work pool', url, home)
}

async function start(args: readonly string[], ready: string, url: string, home: string): Promise<Runner> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    env: { ...process.env, TUTTI_API_URL: url, TUTTI_HOME: home, TUTTI_LOG: 'quiet', NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await printed(child, ready)
  return {
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

function printed(child: ChildProcess, ready: string): Promise<void> {
  let text = ''
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      text = (text + chunk.toString()).slice(-4_000)
      if (text.includes(ready)) resolve()
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', () => reject(new Error(`it ended before it was ready:\n${text}`)))
  })
}

/** Deployments of the flows for the pool of the workers. */
export async function deployToPool(client: Client): Promise<{ readonly firstLine: string; readonly threeTasks: string }> {
  const made: string[] = []
  for (const [name, flow] of [
    ['first-line', 'firstLine'],
    ['three-tasks', 'threeTasks'],
  ] as const) {
    const { id: flowId } = await client.flows.create({ body: { name } })
    const { id } = await client.deployments.create({
      body: {
        flow_id: flowId,
        name: 'pooled',
        work_pool_name: 'bench',
        path: FOLDER,
        entrypoint: `flows.ts:${flow}`,
        enforce_parameter_schema: false,
      },
    })
    made.push(id)
  }
  return { firstLine: made[0]!, threeTasks: made[1]! }
}

/** Waits until so many runs of the deployment have Completed. */
export async function completed(client: Client, deploymentId: string, count: number): Promise<void> {
  const deadline = performance.now() + WITHIN_MS
  for (;;) {
    const body = { deployments: { id: { any_: [deploymentId] } }, flow_runs: { state: { type: { any_: ['COMPLETED'] } } } }
    const done = await client.flowRuns.count({ body })
    if (done >= count) return
    if (performance.now() > deadline) throw new Error(`${count - done} of ${count} runs did not complete in time`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
