import { expect, test } from 'vitest'
import type { Beat, BeatAnswer, FlowRunOperations } from '../../core/orchestrator.ts'
import { after } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { eventLoop } from '../../system/event-loop.ts'
import { T0 } from '../../testing/builders.ts'
import { VirtualClock } from '../../testing/virtual-clock.ts'
import { DEFAULT_BEAT_SETTINGS } from './beats.ts'
import { LocalBeats } from './local-beats.ts'

const RUN: Beat = { flowRunId: 'run-1', attempt: 1 }

/** Beats over a store that notes when it was asked what, and answers what `answer` says. */
function someBeats(answer: (flowRunId: string) => BeatAnswer['tell'] = () => 'go on') {
  const clock = new VirtualClock({ start: T0, loop: eventLoop(), jumps: false })
  const asked: { readonly what: 'beat' | 'look'; readonly atMs: number; readonly runs: readonly string[]; readonly until?: Instant }[] = []
  const answers = (beats: readonly Beat[]): readonly BeatAnswer[] =>
    beats.map(({ flowRunId }) => ({ flowRunId, tell: answer(flowRunId), message: null }))
  const note = (what: 'beat' | 'look', beats: readonly Beat[], until?: Instant): void => {
    const runs = beats.map(({ flowRunId }) => flowRunId)
    asked.push({ what, atMs: (clock.now() - T0) / 1000, runs, ...(until === undefined ? {} : { until }) })
  }
  const flowRuns: Pick<FlowRunOperations, 'beat' | 'look'> = {
    async beat(beats, until) {
      note('beat', beats, until)
      return answers(beats)
    },
    async look(beats) {
      note('look', beats)
      return answers(beats)
    },
  }
  return { clock, asked, beats: new LocalBeats({ flowRuns }, clock, DEFAULT_BEAT_SETTINGS) }
}

test('a lease is renewed every 15 s for 45 s; between two beats the store is only looked at', async () => {
  const { clock, asked, beats } = someBeats()

  beats.add(RUN, { onTell: () => undefined, onRenewed: () => undefined })
  await clock.advance(30_000)

  const renewed = asked.filter(({ what }) => what === 'beat')
  expect(renewed.map(({ atMs }) => atMs)).toEqual([15_000, 30_000])
  expect(renewed.map(({ until }) => until)).toEqual([after(T0, 60_000), after(T0, 75_000)])
  expect(asked).toHaveLength(60)
})

test('each renewal is told with the moment it was asked for', async () => {
  const { clock, beats } = someBeats()
  const renewed: number[] = []

  beats.add(RUN, { onTell: () => undefined, onRenewed: (at) => renewed.push(at) })
  await clock.advance(30_000)

  expect(renewed).toEqual([after(T0, 15_000), after(T0, 30_000)])
})

test('only what is not to go on is told, to the run it is about', async () => {
  const { clock, beats } = someBeats((id) => (id === 'run-1' ? 'cancel' : 'go on'))
  const told: string[] = []

  const onTell = ({ flowRunId, tell }: BeatAnswer): unknown => told.push(`${flowRunId} ${tell}`)
  beats.add(RUN, { onTell, onRenewed: () => undefined })
  beats.add({ ...RUN, flowRunId: 'run-2' }, { onTell, onRenewed: () => undefined })
  await clock.advance(500)

  expect(told).toEqual(['run-1 cancel'])
})

test('nothing is asked once the last run is taken back, nor after closing', async () => {
  const { clock, asked, beats } = someBeats()

  beats.add(RUN, { onTell: () => undefined, onRenewed: () => undefined })
  beats.remove(RUN.flowRunId)
  await clock.advance(60_000)
  beats.add(RUN, { onTell: () => undefined, onRenewed: () => undefined })
  await beats.close()
  await clock.advance(60_000)

  expect(asked).toEqual([])
})

test('a run that is added after a long rest is not renewed at once: it begins with a whole lease', async () => {
  const { clock, asked, beats } = someBeats()

  await clock.advance(3_600_000)
  beats.add(RUN, { onTell: () => undefined, onRenewed: () => undefined })
  await clock.advance(14_500)

  expect(asked.map(({ what }) => what)).toEqual(Array.from({ length: 29 }, () => 'look'))
})

test('a store that does not answer is asked again, and the beat that is due is not forgotten', async () => {
  let broken = true
  const { clock, asked, beats } = someBeats(() => {
    if (broken) throw new Error('locked')
    return 'go on'
  })

  beats.add(RUN, { onTell: () => undefined, onRenewed: () => undefined })
  await clock.advance(15_000)
  broken = false
  await clock.advance(1_000)

  expect(asked.slice(-3).map(({ what, atMs }) => `${what} ${atMs}`)).toEqual(['beat 15000', 'beat 15500', 'look 16000'])
})
