// The process that dies: it runs or resumes the flow below and kills itself where its plan says. It watches the windows through the port
// to the store and inside the tasks' own functions; nothing in the engine knows of it.
import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { connect, flow, task } from 'tutti'
import type { JournalOperation } from '../../src/core/orchestrator.ts'
import type { ChildPlan, Window } from './windows.ts'

const plan = JSON.parse(process.argv[2] ?? '') as ChildPlan // given by the test that started this file
const passed = new Map<Window, number>()
/** Resolves when a task's Running mark is in the store. */
const marked = new Map<string, PromiseWithResolvers<void>>()

function append(file: string, line: string): void {
  appendFileSync(path.join(plan.home, file), `${line}\n`)
}

function pass(window: Window): void {
  const time = (passed.get(window) ?? 0) + 1
  passed.set(window, time)
  append('windows', window)
  if (plan.killAt?.window === window && plan.killAt.time === time) process.kill(process.pid, 'SIGKILL')
}

function markOf(name: string): PromiseWithResolvers<void> {
  let mark = marked.get(name)
  if (mark === undefined) marked.set(name, (mark = Promise.withResolvers()))
  return mark
}

const step = task({ name: 'step', runName: '{0}' }, async (name: string) => {
  append('calls', name)
  append('story', `called ${name}`)
  await markOf(name).promise
  pass('in-function')
  return name.toUpperCase()
})

const inner = flow({ name: 'inner' }, async (name: string) => step(`${name} of inner`))

export const work = flow({ name: 'work' }, async () => {
  const results = [await step('first')]
  results.push(...(await step.map(['left', 'middle', 'right'])))
  results.push(await inner('part'))
  results.push(await step('last'))
  return results.join(', ')
})

function windowsOf(operations: readonly JournalOperation[], when: 'before' | 'after'): void {
  for (const operation of operations) {
    if (operation.type === 'command' && operation.command.type === 'complete' && when === 'before') pass('before-end')
    if (operation.type !== 'checkpoint') continue
    const { state, name, kind } = operation.checkpoint
    if (state.type === 'completed' && kind === 'task' && when === 'after') append('story', `acknowledged ${name}`)
    if (state.type === 'completed') pass(when === 'before' ? 'before-commit' : 'after-commit')
    if (state.type !== 'running') continue
    pass(when === 'before' ? 'before-mark' : 'after-mark')
    if (when === 'after') markOf(name).resolve()
  }
}

const tutti = await connect({ home: plan.home, print: false })
const { journal } = tutti.orchestrator
const flush = journal.flush.bind(journal)
Object.assign(journal, {
  async flush(operations: readonly JournalOperation[]) {
    windowsOf(operations, 'before')
    // Committed when the call returns; its answer has not reached the engine yet.
    const answers = await flush(operations)
    windowsOf(operations, 'after')
    return answers
  },
})
const result = await (plan.resume === null ? work() : work.resume(plan.resume))
append('result', result)
await tutti.close()
