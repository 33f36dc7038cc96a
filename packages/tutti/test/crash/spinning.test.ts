import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connect } from '../../src/sdk/connection.ts'
import { CrashHome } from './crash-home.ts'

let home: CrashHome

beforeEach(() => {
  home = new CrashHome()
  writeFileSync(path.join(home.folder, 'config.json'), JSON.stringify({ cancelGrace: '500ms' }))
})

afterEach(() => home.close())

test('a run whose code never yields can be cancelled from another process: its process is ended, and finished tasks are kept', async () => {
  const { child, ended } = home.startFile('flows.ts', 'spinning')
  await new Promise<void>((resolve) => child.stdout?.on('data', (chunk: Buffer) => chunk.toString().includes('READY') && resolve()))
  const [run] = home.stored().flowRuns
  const tutti = await connect({ home: home.folder, print: false, handleProcess: false })

  await tutti.orchestrator.flowRuns.command(run?.id ?? '', { type: 'cancel', message: 'enough' })
  const end = await ended
  await tutti.close()

  expect(end.signal).toBe('SIGKILL')
  expect(end.errors).toContain('its code did not yield to the event loop')
  expect(home.stored().flowRuns).toMatchObject([{ state: 'cancelled' }])
  expect(home.committed()).toContain('before')
})

test('a run whose code never yields is ended when its time is up', async () => {
  const end = await home.startFile('flows.ts', 'overrunning').ended

  expect(end.signal).toBe('SIGKILL')
  expect(home.stored().flowRuns).toMatchObject([{ state: 'failed', message: expect.stringContaining('timed out') as string }])
})
