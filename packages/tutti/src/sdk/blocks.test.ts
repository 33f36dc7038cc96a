import { afterEach, beforeEach, describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { block, defineBlock, flow, isBlockType, JsonBlock, Secret, secret } from '../index.ts'
import { testTutti } from '../testing/index.ts'
import type { TestTutti } from '../testing/index.ts'

class Session {
  readonly user: string
  readonly #password: Secret
  constructor(user: string, password: Secret) {
    this.user = user
    this.#password = password
  }
  greeting(): string {
    return `${this.user}:${this.#password.reveal()}`
  }
}

const Login = defineBlock({
  name: 'SSH login',
  description: 'Who logs in.',
  fields: { user: z.string(), password: secret() },
  create: ({ user, password }) => new Session(user, password),
})

const Host = defineBlock({
  name: 'Host',
  fields: {
    address: z.string().min(3).describe('Name or number.'),
    port: z.number().int().default(22),
    login: block(Login),
    jump: block(Login).optional(),
    apiToken: secret().optional(),
    keys: z.array(z.object({ kind: z.enum(['rsa', 'ed25519']), text: secret() })).default([]),
  },
})

let tutti: TestTutti

beforeEach(async () => {
  tutti = await testTutti()
})
afterEach(() => tutti.close())

describe('what is given and what is loaded', () => {
  test('are typed by the fields and by what create makes', () => {
    expectTypeOf(Host.of).parameter(0).toEqualTypeOf<{
      address: string
      port?: number | undefined
      login: string | Session | { user: string; password: string | Secret }
      jump?: string | Session | { user: string; password: string | Secret } | undefined
      apiToken?: string | Secret | undefined
      keys?: { kind: 'rsa' | 'ed25519'; text: string | Secret }[] | undefined
    }>()
    expectTypeOf(Login.load).returns.resolves.toEqualTypeOf<Session>()
    expectTypeOf(Host.load).returns.resolves.toEqualTypeOf<{
      address: string
      port: number
      login: Session
      jump?: Session | undefined
      apiToken?: Secret | undefined
      keys: { kind: 'rsa' | 'ed25519'; text: Secret }[]
    }>()
  })

  test('are the same without saving anything', () => {
    const host = Host.of({ address: 'box', login: { user: 'me', password: 'passw0rd' }, keys: [{ kind: 'rsa', text: 'k3y' }] })

    expect(host.login).toBeInstanceOf(Session)
    expect(host.login.greeting()).toBe('me:passw0rd')
    expect([host.port, host.keys[0]?.text.reveal(), String(host.keys[0]?.text)]).toEqual([22, 'k3y', '********'])
  })

  test('may be blocks that were made before', () => {
    const login = Login.of({ user: 'me', password: new Secret('passw0rd') })

    expect(Host.of({ address: 'box', login }).login).toBe(login)
  })

  test('come from a saved block inside a run as well', async () => {
    await Login.save('me', { user: 'me', password: 'passw0rd' })
    const greet = flow({ name: 'greet' }, async () => (await Login.load('me')).user)

    expect((await tutti.run(greet)).result).toBe('me')
  })
})

describe('a secret that is kept elsewhere', () => {
  test('is saved as its reference, and looked up when the block is loaded', async () => {
    process.env['TUTTI_TEST_LOGIN'] = 'from the environment'
    onTestFinished(() => void delete process.env['TUTTI_TEST_LOGIN'])

    await Login.save('me', { user: 'me', password: 'env:TUTTI_TEST_LOGIN' })

    expect(JSON.parse((await tutti.orchestrator.blocks.find('ssh-login', 'me', 'told'))!.data)).toEqual({
      user: 'me',
      password: 'env:TUTTI_TEST_LOGIN',
    })
    expect((await Login.load('me')).greeting()).toBe('me:from the environment')
  })

  test('and is not there says what is missing', async () => {
    await Login.save('me', { user: 'me', password: 'env:TUTTI_TEST_ABSENT' })

    await expect(Login.load('me')).rejects.toMatchObject({
      code: 'SECRET_UNRESOLVED',
      message: expect.stringContaining('the environment variable TUTTI_TEST_ABSENT is not set') as string,
    })
  })

  test('cannot be given where nothing is looked up', () => {
    expect(() => Login.of({ user: 'me', password: 'env:TUTTI_TEST_LOGIN' })).toThrow(
      '- password: is kept elsewhere (env:TUTTI_TEST_LOGIN), and of() looks nothing up: give the value itself, or load a saved block',
    )
  })
})

describe('fields as JSON Schema', () => {
  test('have titles, places, what is secret at any depth, and the blocks they refer to', () => {
    const login = {
      title: 'SSH login',
      description: 'Who logs in.',
      type: 'object',
      properties: {
        user: { title: 'User', type: 'string', position: 0 },
        password: { title: 'Password', type: 'string', format: 'password', writeOnly: true, position: 1 },
      },
      required: ['user', 'password'],
      block_type_slug: 'ssh-login',
      secret_fields: ['password'],
      block_schema_references: {},
    }
    const reference = { block_type_slug: 'ssh-login', block_schema_checksum: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string }

    expect(Login.schema()).toEqual(login)
    expect(Host.schema()).toEqual({
      title: 'Host',
      type: 'object',
      properties: {
        address: { title: 'Address', description: 'Name or number.', type: 'string', minLength: 3, position: 0 },
        port: expect.objectContaining({ title: 'Port', type: 'integer', default: 22, position: 1 }) as object,
        login: { $ref: '#/definitions/SSHlogin', position: 2 },
        jump: { $ref: '#/definitions/SSHlogin', position: 3 },
        apiToken: { title: 'Api Token', type: 'string', format: 'password', writeOnly: true, position: 4 },
        keys: {
          title: 'Keys',
          type: 'array',
          items: {
            type: 'object',
            properties: {
              kind: { type: 'string', enum: ['rsa', 'ed25519'] },
              text: { type: 'string', format: 'password', writeOnly: true },
            },
            required: ['kind', 'text'],
          },
          position: 5,
        },
      },
      required: ['address', 'login'],
      block_type_slug: 'host',
      secret_fields: ['apiToken', 'keys.*.text', 'login.password', 'jump.password'],
      block_schema_references: { login: reference, jump: reference },
      definitions: { SSHlogin: login },
    })
  })

  test('do not tell the default of a secret', () => {
    const type = defineBlock({ name: 'With default', fields: { token: secret().default(new Secret('s3cret')).describe('For tests.') } })

    expect(type.schema()['properties']).toEqual({
      token: { title: 'Token', description: 'For tests.', type: 'string', format: 'password', writeOnly: true, position: 0 },
    })
    expect(type.of({}).token.reveal()).toBe('s3cret')
  })
})

describe('what cannot be', () => {
  test('is told with the block, the member and the reason, and without the value', async () => {
    const login = Login.save('me', { user: 7, password: 'hunter2' } as never)

    await expect(login).rejects.toMatchObject({
      code: 'INVALID_BLOCK',
      message: 'the block ssh-login/me is not valid:\n- user: Invalid input: expected string, received number',
    })
  })

  test('is a rule of a secret, told without it', () => {
    const type = defineBlock({ name: 'Long', fields: { token: secret().refine((token) => token.reveal().length > 20, 'is too short') } })

    expect(() => type.of({ token: 'hunter2' })).toThrow('the fields of a block long are not valid:\n- token: is too short')
  })

  test('is the name of a saved block where nothing is loaded', () => {
    expect(() => Host.of({ address: 'box', login: 'prod' })).toThrow(/- login: is the name of a saved block/)
  })

  test('is a block in a list', () => {
    expect(() => defineBlock({ name: 'Many', fields: { logins: z.array(block(Login)) } })).toThrow(
      'the block type Many has a block at logins.*: a block stands in a member of its own, not in lists, unions or other objects',
    )
  })

  test('is a block of another type', async () => {
    const Other = defineBlock({ name: 'Other', fields: { user: z.string() }, create: ({ user }) => new Session(user, new Secret('none')) })

    await expect(Host.save('box', { address: 'box', login: Other.of({ user: 'me' }) })).rejects.toThrow(
      '- login: is a block of the type other, not ssh-login',
    )
  })

  test.each([
    ['without a name', { fields: {} }, 'needs a name'],
    ['without fields', { name: 'X' }, 'are to be zod types'],
    ['with fields of another kind', { name: 'X', fields: { a: 'text' } }, 'are to be zod types'],
    ['with a slug of other characters', { name: 'X', slug: 'X Y', fields: {} }, 'the slug "X Y" of the block type X'],
  ])('is a type %s', (_, options, message) => {
    expect(() => defineBlock(options as never)).toThrow(message)
  })

  test('is a date where JSON has text', async () => {
    const type = defineBlock({ name: 'Dated', fields: { since: z.date() } })

    await expect(type.save('x', { since: new Date(0) })).rejects.toThrow(/- since: Invalid input: expected date, received string/)
  })
})

test('a block type is told from everything else', () => {
  expect([Login, Session, {}, null, Login.of({ user: 'a', password: 'bcde' })].map(isBlockType)).toEqual([true, false, false, false, false])
})

describe('a single secret', () => {
  test('is saved sealed and loaded as a Secret', async () => {
    await Secret.save('token', 'hunter22')
    const token = await Secret.load('token')

    expect(token).toBeInstanceOf(Secret)
    expect([token.reveal(), String(token), JSON.stringify({ token })]).toEqual(['hunter22', '********', '{"token":"********"}'])
    expect((await tutti.orchestrator.blocks.find('secret', 'token', 'hidden'))?.data).toBe('{"value":"********"}')
  })

  test('that is not there names the one that was meant', async () => {
    await Secret.save('api-token', 'hunter22')

    await expect(Secret.load('api-tokn')).rejects.toMatchObject({
      code: 'BLOCK_NOT_FOUND',
      message: 'there is no block secret/api-tokn; there is secret/api-token',
    })
    await expect(Secret.save('API', 'x')).rejects.toThrow(/the name "API" of a block secret has other characters/)
    await expect(Secret.save('api-token', 'other')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    expect([await Secret.delete('api-token'), await Secret.delete('api-token')]).toEqual([true, false])
  })
})

describe('a JSON block', () => {
  test('gives back what was saved', async () => {
    await JsonBlock.save('regions', ['eu', { n: 1.5 }, null])

    expect(await JsonBlock.load('regions')).toEqual(['eu', { n: 1.5 }, null])
    expect([await JsonBlock.delete('regions'), await JsonBlock.delete('regions')]).toEqual([true, false])
  })

  test('holds no secret and nothing that JSON cannot say', async () => {
    await expect(JsonBlock.save('x', { token: new Secret('hunter22') })).rejects.toThrow(/- value.token: is a secret/)
    await expect(JsonBlock.save('x', () => 1)).rejects.toThrow(/- value: cannot be written as JSON/)
  })
})
