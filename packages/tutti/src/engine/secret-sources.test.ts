import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemSecretSources } from '../system/secret-sources.ts'
import { maskSecrets } from './secret-mask.ts'
import { provideSecretSources, registerSecretSource, resolveSecret, secretPrefix } from './secret-sources.ts'

provideSecretSources(systemSecretSources)

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'tutti-secret-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

test('text without a known prefix is the secret itself', async () => {
  expect([await resolveSecret('https://host'), secretPrefix('no prefix')]).toEqual(['https://host', undefined])
})

test('a reference to the environment gives the value of the variable', async () => {
  process.env['TUTTI_TEST_SECRET'] = 'from the environment'
  onTestFinished(() => void delete process.env['TUTTI_TEST_SECRET'])

  expect(await resolveSecret('env:TUTTI_TEST_SECRET')).toBe('from the environment')
  expect(maskSecrets('is from the environment')).toBe('is ********')
})

test('a reference to a variable that is not set says which', async () => {
  await expect(resolveSecret('env:TUTTI_TEST_ABSENT')).rejects.toMatchObject({
    code: 'SECRET_UNRESOLVED',
    message: 'the secret env:TUTTI_TEST_ABSENT cannot be found: the environment variable TUTTI_TEST_ABSENT is not set in this process',
  })
})

test('a reference to a file gives its text without the line break at its end', async () => {
  const file = path.join(await folder(), 'token')
  await writeFile(file, 'from a file\n')

  expect(await resolveSecret(`file:${file}`)).toBe('from a file')
})

test('a reference to a file that is missing, empty or no whole path says so', async () => {
  const file = path.join(await folder(), 'token')
  await writeFile(file, '\n')

  await expect(resolveSecret(`file:${file}.gone`)).rejects.toThrow(/cannot be found: ENOENT/)
  await expect(resolveSecret(`file:${file}`)).rejects.toThrow(/is empty/)
  await expect(resolveSecret('file:token')).rejects.toThrow(/not the whole path/)
})

test('a source that is registered resolves what begins with its prefix', async () => {
  registerSecretSource('vault', (reference) => Promise.resolve(`value of ${reference}`))

  expect(await resolveSecret('vault:team/token')).toBe('value of team/token')
})

test('a reference whose source is in a package that was not imported says which package', async () => {
  await expect(resolveSecret('gcp-secret:projects/p/secrets/s')).rejects.toThrow(/import @tutti\/gcp/)
})

test('a prefix with other characters is refused', () => {
  expect(() => registerSecretSource('My Vault', () => '')).toThrow(/lowercase/)
})
