import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CommandLine } from './command.ts'
import type { Ended } from './command.ts'

const file = path.join(import.meta.dirname, 'flows', 'blocks.ts')

/** The same without a server and through one. */
describe.each(['without a server', 'through a server'])('%s', (form) => {
  let tutti: CommandLine

  beforeAll(async () => {
    tutti = new CommandLine()
    if (form === 'through a server') await tutti.start('server', 'start', '--port', '0').printed('Tutti is ready')
  })
  afterAll(() => tutti.close())

  /** With something piped in. */
  async function piped(text: string, ...args: readonly string[]): Promise<Ended> {
    const running = tutti.start(...args)
    running.child.stdin?.end(text)
    return running.ended
  }

  test('types of a file are registered, and blocks of them are made, seen, used and deleted', async () => {
    const registered = await tutti.run('block', 'register', file)
    const login = await piped('passw0rd\n', 'block', 'create', 'e2e-login/prod', '--set', 'user=me')
    const made = await tutti.run('block', 'create', 'e2e-warehouse/main', '-s', 'host=db', '-s', 'login=prod')
    const run = await tutti.json('run', `${file}:reach`)
    const refused = await tutti.run('block', 'delete', 'e2e-login/prod')
    const deleted = await tutti.run('block', 'delete', 'e2e-warehouse/main', 'e2e-login/prod')

    expect(registered.stdout).toBe(
      'Registered the block type e2e-login (E2E login)\nRegistered the block type e2e-warehouse (E2E warehouse)\n',
    )
    expect([login.stdout, login.stderr]).toEqual(['Saved the block e2e-login/prod\n', ''])
    expect([made.stdout, made.stderr]).toEqual(['Saved the block e2e-warehouse/main\n', ''])
    expect(run).toMatchObject({ result: { address: 'db:5432', user: 'me', characters: 8, size: 1 } })
    expect(refused.stderr).toContain('e2e-warehouse/main refers to what is to be deleted')
    expect(deleted.stdout).toBe('Deleted the block e2e-warehouse/main\nDeleted the block e2e-login/prod\n')
  })

  test('what a block holds is shown without its secrets, with the blocks it refers to by name', async () => {
    await tutti.run('block', 'register', file)
    await piped('hunter22', 'block', 'create', 'e2e-login/shown', '--set', 'user=me')
    await tutti.run('block', 'create', 'e2e-warehouse/shown', '--set', 'host=db', '--set', 'login=shown')

    const { stdout } = await tutti.run('block', 'inspect', 'e2e-warehouse/shown')
    const json = await tutti.json('block', 'inspect', 'e2e-warehouse/shown')
    const all = await tutti.json('block', 'ls', '--type', 'e2e-login')

    expect(stdout).toMatch(/^e2e-warehouse\/shown\ntype +E2E warehouse\n/)
    expect(stdout).toMatch(/\nhost +db\nport +5432\nlogin +e2e-login\/shown\n$/)
    expect(json).toMatchObject({
      type: 'e2e-warehouse',
      data: { host: 'db', login: { user: 'me', password: '********' } },
      references: { login: { type: 'e2e-login', name: 'shown' } },
    })
    expect(all).toMatchObject({ items: [{ name: 'shown', data: { password: '********' } }], cursor: null })
  })

  test('fields may come from a file, and secrets from where they are kept', async () => {
    const fields = path.join(tutti.folder, 'login.json')
    writeFileSync(fields, JSON.stringify({ user: 'me', password: 'env:E2E_PASSWORD' }))
    await tutti.run('block', 'register', file)

    const made = await tutti.run('block', 'create', 'e2e-login/kept', '--from', fields)
    const again = await tutti.run('block', 'create', 'e2e-login/kept', '--from', fields)
    const over = await tutti.run('block', 'create', 'e2e-login/kept', '--from', fields, '--overwrite')

    expect([made.code, made.stderr, over.code]).toEqual([0, '', 0])
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('there is a block e2e-login/kept already') as string })
  })

  test('a secret that is typed as an argument is warned of, and never repeated', async () => {
    const { stdout, stderr } = await tutti.run('block', 'create', 'secret/typed', '--set', 'value=hunter22')

    expect(stdout).toBe('Saved the block secret/typed\n')
    expect(stderr).toBe(
      'Warning: value is a secret, and now stands in the history of your shell. Rather use --secret value, or env:NAME.\n',
    )
  })

  test('what is wrong is told by field, with what may have been meant', async () => {
    await tutti.run('block', 'register', file)

    const wrong = await tutti.run('block', 'create', 'e2e-warehouse/wrong', '--set', 'hots=db', '--set', 'port=tcp', '--set', 'login=none')
    const invalid = await tutti.run('block', 'create', 'e2e-warehouse/wrong', '--set', 'hots=db', '--set', 'port=tcp')
    const noType = await tutti.run('block', 'create', 'e2e-logni/x')
    const noBlock = await tutti.run('block', 'inspect', 'secret')
    const empty = await piped('', 'block', 'create', 'secret/empty')

    expect(wrong.stderr).toMatch(/^Error: there is no block e2e-login\/none, which login of e2e-warehouse\/wrong refers to/)
    expect(invalid.stderr).toMatch(
      /^Error: the block e2e-warehouse\/wrong is not valid:\n- hots: is no field of it; did you mean host\?\n- host: is missing\n- login: is missing\n- port: 'tcp' is not of type 'integer'\n/,
    )
    expect(noType.stderr).toMatch(/^Error: there is no block type e2e-logni; did you mean e2e-login\?/)
    expect(noBlock).toMatchObject({ code: 2, stderr: expect.stringContaining("'secret' is not a type and a name") as string })
    expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining('the secret value is empty') as string })
  })

  test('types are listed and shown, and deleted with their blocks by who says so', async () => {
    await tutti.run('block', 'register', file)
    await piped('x'.repeat(9), 'block', 'create', 'e2e-login/left', '--set', 'user=me', '--overwrite')

    const types = await tutti.json('block', 'type', 'ls')
    const shown = await tutti.run('block', 'type', 'inspect', 'e2e-warehouse')
    const refused = await tutti.run('block', 'type', 'delete', 'e2e-login')
    const deleted = await tutti.run('block', 'type', 'delete', 'e2e-login', '--yes')

    expect((types['items'] as { slug: string }[]).map(({ slug }) => slug)).toEqual(expect.arrayContaining(['e2e-login', 'e2e-warehouse']))
    expect(shown.stdout).toMatch(
      /\nhost +string\. Where it is\.\nport +integer, default 5432, optional\nlogin +a block of the type e2e-login\n$/,
    )
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('there are blocks of the type e2e-login') as string })
    expect(deleted.stdout).toBe('Deleted the block type e2e-login\n')
  })

  test('variables are set, read, listed and unset', async () => {
    const set = await tutti.run('variable', 'set', 'size', '500', '--tag', 'etl')
    const again = await tutti.run('variable', 'set', 'size', '501')
    await tutti.run('variable', 'set', 'size', '501', '--overwrite')
    await tutti.run('variable', 'set', 'zip', '07302', '--text')
    await piped('{"rows": 1.0}\n', 'variable', 'set', 'limits', '-')
    const values = await Promise.all(['size', 'zip', 'limits'].map(async (name) => (await tutti.run('variable', 'get', name)).stdout))
    const listed = await tutti.json('variable', 'ls', '--tag', 'etl')
    const inspected = await tutti.run('variable', 'inspect', 'limits')
    const unset = await tutti.run('variable', 'unset', 'size', 'zip')

    expect(set.stdout).toBe('Set the variable size to 500\n')
    expect(again.stderr).toMatch(/^Error: there is a variable size already\n/)
    expect(values).toEqual(['501\n', '07302\n', '{"rows": 1.0}\n'])
    expect(listed).toMatchObject({ items: [{ name: 'size', value: 501, tags: ['etl'] }], cursor: null })
    expect(inspected.stdout).toMatch(/\nvalue +\{\n +"rows": 1\n +\}\n$/)
    expect(unset.stdout).toBe('Unset the variable size\nUnset the variable zip\n')
  })

  test('a variable that is not there is an error, or what is said instead', async () => {
    await tutti.run('variable', 'set', 'page-size', '1', '--overwrite')

    const missing = await tutti.run('variable', 'get', 'page-siez')
    const instead = await tutti.run('variable', 'get', 'page-siez', '--default', '100')
    const named = await tutti.run('variable', 'set', 'Page Size', '1')

    expect(missing).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^Error: there is no variable page-siez; did you mean page-size\?/) as string,
    })
    expect([instead.code, instead.stdout]).toEqual([0, '100\n'])
    expect(named.stderr).toMatch(/^Error: the name "Page Size" of a variable has other characters/)
  })
})

test('a file without block types says what to export', async () => {
  const tutti = new CommandLine()
  const empty = path.join(tutti.folder, 'empty.ts')
  writeFileSync(empty, 'export const nothing = 1\n')

  const { code, stderr } = await tutti.run('block', 'register', empty)
  const missing = await tutti.run('block', 'register', path.join(tutti.folder, 'gone.ts'))
  await tutti.close()

  expect(code).toBe(2)
  expect(stderr).toContain('exports no block type')
  expect(missing.stderr).toMatch(/^Error: there is no file .*gone\.ts/)
})
