import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const PROCESS = new URL('process.ts', import.meta.url).href

/** A process that runs a script in which every event is printed. */
function aProcess(script: string): ChildProcessWithoutNullStreams {
  const code = `
    import { endProcess, listenToProcess, setExitCode } from ${JSON.stringify(PROCESS)}
    const events = {
      onStop: (signal, again) => console.log('stop', signal, again),
      onIdle: () => console.log('idle'),
      onExit: (code, thrown) => console.log('exit', code, thrown?.error),
    }
    ${script}`
  return spawn(process.execPath, ['--input-type=module', '-e', code])
}

interface Ended {
  readonly out: string
  readonly err: string
  readonly code: number | null
  readonly signal: string | null
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const [out, err, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { out, err, code, signal }
}

test('a process that has nothing left to do is idle, then exits with the code that was set', async () => {
  const { out, code } = await ended(aProcess('listenToProcess(events); setExitCode(3)'))

  expect({ out, code }).toEqual({ out: 'idle\nexit 3 undefined\n', code: 3 })
})

test('what nobody caught is told with the exit, and Node still prints it and exits with 1', async () => {
  const { out, err, code } = await ended(aProcess("listenToProcess(events); setImmediate(() => { throw 'boom' })"))

  expect({ out, code }).toEqual({ out: 'exit 1 boom\n', code: 1 })
  expect(err).toContain('boom')
})

test('a request to end is told instead of ending the process, and so is each further one', async () => {
  const child = aProcess(`
    let stops = 0
    const timer = setInterval(() => {}, 1000)
    listenToProcess({ ...events, onStop(signal, again) { events.onStop(signal, again); if (++stops === 2) clearInterval(timer) } })
    console.log('ready')`)
  let seen = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    seen += chunk
    if (chunk.includes('ready')) child.kill('SIGINT')
    if (chunk.includes('SIGINT')) child.kill('SIGTERM')
  })

  await once(child, 'close')

  expect(seen).toBe('ready\nstop SIGINT false\nstop SIGTERM true\nidle\nexit 0 undefined\n')
})

test('nothing is told once nobody listens any more', async () => {
  const { out } = await ended(aProcess('listenToProcess(events)()'))

  expect(out).toBe('')
})

test.runIf(process.platform !== 'win32')(
  'a process that is ended at once says why and runs nothing more, not even from a thread',
  async () => {
    const script = `
    import { Worker } from 'node:worker_threads'
    process.on('exit', () => console.log('exit handler'))
    const code = 'import(' + JSON.stringify(${JSON.stringify(PROCESS)}) + ').then(({ endProcess }) => endProcess("the code never yields"))'
    new Worker(code, { eval: true })
    setTimeout(() => { for (;;); }, 0)`

    const { out, err, signal } = await ended(aProcess(script))

    expect({ out, signal }).toEqual({ out: '', signal: 'SIGKILL' })
    expect(err).toContain('tutti: the code never yields\n')
  },
)
