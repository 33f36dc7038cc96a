import { expect, test } from 'vitest'
import { codeOf, shell } from './copy-as-code.ts'

const FACTS = {
  deployment: 'etl/prod',
  deploymentId: '0b8a',
  runName: 'brave-otter',
  flowName: 'nightly-etl',
  parameters: { day: '2026-01-31', note: "it's", count: '12', rows: [1, 2] },
  tags: ['by-hand'],
  api: 'http://127.0.0.1:4200/api',
}

test('TypeScript makes the run by its deployment, with parameters and tags', () => {
  expect(codeOf(FACTS).typescript).toBe(`import { createClient } from 'tutti/client'

const client = createClient({ url: 'http://127.0.0.1:4200/api' })
const run = await client.deployment('etl/prod').run({
  day: '2026-01-31',
  note: 'it\\'s',
  count: '12',
  rows: [1, 2],
}, { tags: ['by-hand'] })
await run.wait()`)
})

test('the command quotes what a shell would read, and text that would be taken for a number', () => {
  expect(codeOf(FACTS).cli).toBe(
    [
      'tutti deployment run etl/prod',
      '--param day=2026-01-31',
      String.raw`--param 'note=it'\''s'`,
      `--param 'count="12"'`,
      "--param 'rows=[1,2]'",
      '--tag by-hand',
    ].join(' \\\n  '),
  )
})

test('a request asks the deployment for the run', () => {
  expect(codeOf({ ...FACTS, parameters: { n: 1 }, tags: [] }).curl).toBe(
    `curl -X POST http://127.0.0.1:4200/api/deployments/0b8a/create_flow_run \\\n  -H 'Content-Type: application/json' \\\n  -d '{"parameters":{"n":1}}'`,
  )
})

test('a run without a deployment is run again by its name, or called', () => {
  const code = codeOf({ ...FACTS, deployment: undefined, deploymentId: null, parameters: { n: 1 } })

  expect(code).toEqual({ typescript: 'await nightlyEtl({ n: 1 })', cli: 'tutti flow-run rerun brave-otter', curl: undefined })
})

test('words without anything special are not quoted', () => {
  expect([shell('a-b/c:1'), shell('a b')]).toEqual(['a-b/c:1', "'a b'"])
})
