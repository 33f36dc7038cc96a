import { expect, it } from 'vitest'
import { asCommand, asCurl, asTypeScript } from './run-code.ts'
import { errorsOfTree } from './server-errors.ts'

const code = {
  flowName: 'daily-report',
  deploymentName: 'prod',
  deploymentId: '0b6e',
  parameters: { day: '2026-01-31', 'to whom': ["it's me"], size: 3 },
  tags: ['by hand'],
  name: undefined,
  url: 'http://127.0.0.1:4200/api',
}

it('a run is asked for in TypeScript with the types of its flow', () => {
  expect(asTypeScript(code)).toContain(
    `client.deployment<typeof dailyReport>('daily-report/prod').run({ day: '2026-01-31', 'to whom': ['it\\'s me'], size: 3 }, { tags: ['by hand'] })`,
  )
})

it('a run is asked for in a terminal, whatever stands in its values', () => {
  expect(asCommand(code)).toBe(
    String.raw`tutti deployment run daily-report/prod --param day=2026-01-31 --param 'to whom=["it'\''s me"]' --param size=3 --tag 'by hand' --watch`,
  )
})

it('a deployment whose name has spaces is one word of the command', () => {
  expect(asCommand({ flowName: 'daily report', deploymentName: 'by night' })).toBe("tutti deployment run 'daily report/by night' --watch")
})

it('a run is asked for with curl', () => {
  expect(asCurl({ ...code, parameters: { a: 1 }, tags: [] })).toContain(`-d '{"parameters":{"a":1}}'`)
})

it('what the server finds wrong is told at its places', () => {
  const tree = ['all of it', { property: 'a/b', errors: ['one', 'two'] }, { property: 'list', errors: [{ index: 1, errors: ['three'] }] }]

  expect(errorsOfTree(tree)).toEqual({ '': 'all of it', '/a~1b': 'one', '/list/1': 'three' })
})
