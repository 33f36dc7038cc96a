import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { systemLiveness } from './liveness.ts'

/* What tells processes and starts of the machine apart is read from /proc. */
const onLinux = process.platform === 'linux'

describe('whether the holder of a lease still lives', () => {
  test('this process does', () => {
    const liveness = systemLiveness()

    expect(liveness.of(liveness.self())).toBe('alive')
    expect(liveness.self().pid).toBe(process.pid)
  })

  test('one on another machine is not known of', () => {
    const liveness = systemLiveness()

    expect(liveness.of({ ...liveness.self(), host: 'elsewhere' })).toBe('unknown')
  })

  test('one from before the machine was started anew is dead', () => {
    const liveness = systemLiveness()

    expect(liveness.of({ ...liveness.self(), bootId: 'the boot before' })).toBe('dead')
  })

  test('a process that has ended is dead', () => {
    const { pid } = spawnSync(process.execPath, ['--version'])
    const liveness = systemLiveness()

    expect(liveness.of({ ...liveness.self(), pid, processStart: '1' })).toBe('dead')
  })

  test.runIf(onLinux)('a process number that was given to another process does not count', () => {
    const liveness = systemLiveness()

    expect(liveness.of({ ...liveness.self(), processStart: '1' })).toBe('dead')
  })

  test('where the start of the holder is not known, its number decides', () => {
    const liveness = systemLiveness()

    expect(liveness.of({ ...liveness.self(), processStart: '' })).toBe('alive')
  })

  test.runIf(onLinux)('a process that has ended and was not yet collected is dead', async () => {
    // `sleep` is collected by nobody: the shell became another program, which does not ask for its children.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const [text] = await once(parent.stdout.setEncoding('utf8'), 'data')
    const pid = Number(text)
    const processStart = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[21] ?? ''
    const liveness = systemLiveness()
    const holder = { ...liveness.self(), pid, processStart }

    await expect.poll(() => liveness.of(holder)).toBe('dead')
    parent.kill('SIGKILL')
  })
})
