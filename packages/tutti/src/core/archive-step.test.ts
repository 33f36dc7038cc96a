import { expect, test } from 'vitest'
import { atCommit, readArchiveStep, readCodeSource } from './code-source.ts'

const HASH = 'a'.repeat(64)

test('an archive is named by its place and its hash', () => {
  const pullSteps = [{ 'tutti.archive': { address: 'gs://team-code/flows/', hash: HASH, key: 'file:/run/key.json' } }]

  expect(readCodeSource({ pullSteps, path: null, entrypoint: 'flows/etl.ts:etl' })).toEqual({
    from: {
      type: 'archive',
      address: 'gs://team-code/flows',
      hash: HASH,
      key: { kind: 'file', name: '/run/key.json' },
      install: 'packages',
    },
    directory: null,
    entrypoint: 'flows/etl.ts:etl',
  })
})

test('a run that is restarted goes on with the archive it began with', () => {
  const pullSteps = [{ 'tutti.archive': { address: 'gs://team-code', hash: HASH } }]
  const source = readCodeSource({ pullSteps, path: null, entrypoint: null })

  expect(atCommit(source, 'b'.repeat(64)).from).toMatchObject({ type: 'archive', hash: 'b'.repeat(64) })
  expect(atCommit(source, null)).toBe(source)
})

test.each([
  [{}, 'no `address`'],
  [{ address: 'https://example.com/code' }, 'neither gs://bucket/folder nor file:///folder'],
  [{ address: 'file://relative' }, 'neither gs://bucket/folder nor file:///folder'],
  [{ address: 'gs://user:secret@bucket/x' }, 'credentials'],
  [{ address: 'gs://bucket', hash: 'abc' }, 'no SHA-256'],
  [{ address: 'gs://bucket', key: '{"private_key":"…"}' }, 'does not say where the secret is kept'],
  [{ address: 'gs://bucket', instal: 'never' }, 'did you mean install?'],
  [{ address: 'gs://bucket', install: 'never', installScripts: true }, 'no install'],
])('a step %j is refused: %s', (fields, problem) => {
  expect(() => readArchiveStep(fields, 'archive({ … })')).toThrow(problem)
})

test('what is refused is shown without its credentials', () => {
  expect(() => readArchiveStep({ address: 'https://user:hidden@example.com' }, 'archive({ … })')).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('hidden') }),
  )
})

test('code comes from one place', () => {
  const pullSteps = [{ 'tutti.archive': { address: 'gs://a', hash: HASH } }, { 'tutti.git': { repository: 'https://example.com/a.git' } }]

  expect(() => readCodeSource({ pullSteps, path: null, entrypoint: null })).toThrow('second repository or archive')
})
