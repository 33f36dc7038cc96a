import { afterEach, beforeEach, expect, test } from 'vitest'
import { defineBlock, flow, log, secret } from 'tutti'
import { testTutti } from 'tutti/testing'
import { readSecret, useSecretManager } from '@tutti/gcp'
import { serveSecretManager } from './tools/secret-manager.ts'
import type { SecretManager } from './tools/secret-manager.ts'

const VERSIONS = {
  'projects/taxi/secrets/api-token/versions/latest': 'the newest token',
  'projects/taxi/secrets/api-token/versions/3': 'an older token – with ü',
  'projects/local-project/secrets/own/versions/latest': 'of the own project',
  'projects/taxi/locations/europe-west1/secrets/near/versions/latest': 'kept in Europe',
}

let manager: SecretManager

beforeEach(async () => {
  manager = await serveSecretManager(VERSIONS)
})

afterEach(async () => {
  useSecretManager()
  await manager.close()
})

test.each([
  ['projects/taxi/secrets/api-token', 'the newest token'],
  ['projects/taxi/secrets/api-token/versions/3', 'an older token – with ü'],
  ['projects/taxi/locations/europe-west1/secrets/near', 'kept in Europe'],
  ['own', 'of the own project'],
])('%s is read', async (reference, text) => {
  expect(await readSecret(reference, { emulator: manager.url })).toBe(text)
})

test('a block refers to a secret by its name, and the value is in nothing that is written', async () => {
  await using tutti = await testTutti()
  useSecretManager({ emulator: manager.url })
  const Api = defineBlock({ name: 'Api', fields: { token: secret() } })
  const call = flow({ name: 'call' }, async () => {
    await Api.save('main', { token: 'gcp-secret:projects/taxi/secrets/api-token' })
    const { token } = await Api.load('main')
    log.info(`calling with ${token.reveal()}`)
    return token.reveal().length
  })

  const { result, logs } = await tutti.run(call)

  expect(result).toBe('the newest token'.length)
  expect(JSON.stringify(logs)).not.toContain('the newest token')
})

test('a secret that is not there, or may not be read, is told with its name', async () => {
  const missing = readSecret('projects/taxi/secrets/none', { emulator: manager.url })
  await expect(missing).rejects.toMatchObject({
    code: 'gcp/NOT_FOUND',
    message: expect.stringContaining('the secret none of the project taxi'),
  })

  manager.answer(403, { error: { code: 403, message: "Permission 'secretmanager.versions.access' denied", status: 'PERMISSION_DENIED' } })
  const forbidden = readSecret('projects/taxi/secrets/api-token', { emulator: manager.url })
  await expect(forbidden).rejects.toMatchObject({ code: 'gcp/FORBIDDEN', fix: expect.stringContaining('secretmanager.secretAccessor') })
})

test('a busy service is asked again', async () => {
  manager.answer(503, {})
  manager.answer(429, {})

  expect(await readSecret('projects/taxi/secrets/api-token', { emulator: manager.url })).toBe('the newest token')
  expect(manager.asked).toHaveLength(3)
})

test('a value that was changed on its way is not taken', async () => {
  manager.answer(200, { payload: { data: Buffer.from('changed').toString('base64'), dataCrc32c: '1' } })

  await expect(readSecret('projects/taxi/secrets/api-token', { emulator: manager.url })).rejects.toMatchObject({ code: 'gcp/DATA_CORRUPT' })
})

test.each(['projects/taxi', 'projects/taxi/secrets/', 'a/b', 'projects/taxi/secrets/a/versions/../../b'])(
  'what names no secret is refused: %s',
  async (reference) => {
    await expect(readSecret(reference, { emulator: manager.url })).rejects.toMatchObject({ code: 'gcp/INVALID_OPTION' })
    expect(manager.asked).toEqual([])
  },
)
