import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { isTuttiError } from '../core/errors.ts'
import { importModule, prepareModule, resolveFlow } from './entrypoint.ts'

/* Users' projects: folders with a `node_modules`, files in them. */

const folders: string[] = []

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

type Files = Readonly<Record<string, string>>

function aProject(files: Files): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'tutti-entrypoint-')))
  folders.push(folder)
  mkdirSync(path.join(folder, 'node_modules'))
  write(folder, files)
  return folder
}

function write(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
}

/** What the file `flow.ts` of a project exports. */
async function load(folder: string, file = 'flow.ts'): Promise<Readonly<Record<string, unknown>>> {
  return await importModule(await prepareModule(path.join(folder, file)))
}

async function refusal(promise: Promise<unknown>): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await promise
  } catch (error) {
    if (isTuttiError(error)) return { code: error.code, message: error.message }
    throw error
  }
  return { code: 'none', message: 'nothing was refused' }
}

function bundlesOf(folder: string): readonly string[] {
  return readdirSync(path.join(folder, 'node_modules/.cache/tutti'))
}

describe('what a file may be written in', () => {
  test('enums, parameter properties, decorators and namespaces', async () => {
    const folder = aProject({
      'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true } }',
      'flow.ts': `
        enum Size { small = 1, large }
        namespace Names { export const one = 'one' }
        function twice(_: unknown, __: string, descriptor: PropertyDescriptor) {
          const { value } = descriptor
          descriptor.value = function (this: unknown) { return value.call(this) * 2 }
        }
        class Box { constructor(readonly size: Size) {} @twice area() { return this.size * this.size } }
        export const area = new Box(Size.large).area()
        export const name = Names.one`,
    })

    expect(await load(folder)).toMatchObject({ area: 8, name: 'one' })
  })

  test('JSX, as the tsconfig says', async () => {
    const folder = aProject({
      'tsconfig.json': '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h" } }',
      'flow.tsx': 'const h = (tag: string, _: null, ...inside: string[]) => `${tag}(${inside})`\nexport const page = <b>hello</b>',
    })

    expect(await load(folder, 'flow.tsx')).toMatchObject({ page: 'b(hello)' })
  })

  test('imports without extension, by an alias of the tsconfig, and of JSON', async () => {
    const folder = aProject({
      'tsconfig.json': '{ /* ours */ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }',
      'lib/one.ts': 'export const one: number = 1',
      'two.ts': 'export const two: number = 2',
      'three.json': '{ "three": 3 }',
      'flow.ts': `
        import { one } from '@lib/one'
        import { two } from './two'
        import data from './three.json'
        export const sum = one + two + data.three`,
    })

    expect(await load(folder)).toMatchObject({ sum: 6 })
  })

  test('CommonJS, with its own require', async () => {
    const folder = aProject({
      'part.cjs': 'exports.part = 4\nexports.place = __dirname',
      'flow.cjs':
        "const { part, place } = require('./part.cjs')\nconst { sep } = require('node:path')\nmodule.exports = { part, place, sep }",
    })

    expect(await load(folder, 'flow.cjs')).toMatchObject({ part: 4, place: folder, sep: path.sep })
  })

  test('each file knows its own place, also those that are imported', async () => {
    const folder = aProject({
      'lib/where.ts': 'export const { url, filename, dirname } = import.meta',
      'flow.ts': "export * from './lib/where.ts'\nexport const own = import.meta.dirname",
    })

    const { url, filename, dirname, own } = await load(folder)

    expect(fileURLToPath(String(url))).toBe(path.join(folder, 'lib/where.ts'))
    expect({ filename, dirname, own }).toEqual({
      filename: path.join(folder, 'lib/where.ts'),
      dirname: path.join(folder, 'lib'),
      own: folder,
    })
  })

  test('taken whole, import.meta is that of the file too, and resolves from there', async () => {
    const folder = aProject({
      'flow.ts': "const { dirname, resolve } = import.meta\nexport { dirname }\nexport const beside = resolve('./other.ts')",
    })

    const { dirname, beside } = await load(folder)

    expect(dirname).toBe(folder)
    expect(fileURLToPath(String(beside))).toBe(path.join(folder, 'other.ts'))
  })

  test('packages stay outside: they are imported from where the importing file is', async () => {
    const folder = aProject({
      'node_modules/colours/package.json': '{ "name": "colours", "type": "module", "exports": "./index.js" }',
      'node_modules/colours/index.js': 'export const where = import.meta.url',
      'flow.ts': "export { where } from 'colours'",
    })

    const { where } = await load(folder)

    expect(fileURLToPath(String(where))).toBe(path.join(folder, 'node_modules/colours/index.js'))
  })
})

describe('what goes wrong in a file', () => {
  test('a mistake in the syntax is told with its place and the line', async () => {
    const folder = aProject({ 'flow.ts': 'const a = 1\nconst b = = 2\n' })

    const { code, message } = await refusal(load(folder))

    expect(code).toBe('ENTRYPOINT_FAILED')
    expect(message).toContain(`${folder}/flow.ts:2:11: Unexpected "="\n    const b = = 2\n              ^`)
  })

  test('a package that is not installed is named as the file names it', async () => {
    const folder = aProject({ 'flow.ts': "import { x } from 'no-such-package'\nexport const y = x" })

    const { code, message } = await refusal(load(folder))

    expect(code).toBe('ENTRYPOINT_FAILED')
    expect(message).toContain("'no-such-package'")
    expect(message).not.toContain('tutti-import:')
  })

  test('a file beside it that is not there is told with the line that imports it', async () => {
    const folder = aProject({ 'flow.ts': "import './gone'\n" })

    const { message } = await refusal(load(folder))

    expect(message).toContain(`${folder}/flow.ts:1:8: Could not resolve "./gone"`)
  })

  test('what the file throws while it is loaded is the cause', async () => {
    const folder = aProject({ 'flow.ts': "throw new RangeError('not today')" })

    const problem = load(folder)

    await expect(problem).rejects.toMatchObject({ code: 'ENTRYPOINT_FAILED', cause: { message: 'not today' } })
    expect((await refusal(problem)).message).toBe(`${folder}/flow.ts could not be loaded: RangeError: not today`)
  })

  test('a folder, a text file and nothing at all are no entry files', async () => {
    const folder = aProject({ 'notes.txt': 'hello' })

    expect(await refusal(load(folder, '.'))).toMatchObject({ code: 'ENTRYPOINT_NOT_FOUND', message: `${folder} is a folder, not a file` })
    expect((await refusal(load(folder, 'notes.txt'))).message).toContain('is neither TypeScript nor JavaScript')
    expect((await refusal(load(folder, 'gone.ts'))).message).toBe(`there is no file ${folder}/gone.ts`)
  })
})

describe('which flow an entrypoint stands for', () => {
  const FLOWS = `
    import { flow, task } from 'tutti'
    export const fetchAll = flow({ name: 'fetch-all' }, async () => 1)
    export const storeAll = flow({ name: 'store-all' }, async () => 2)
    export const fetchOne = task({ name: 'fetch-one' }, async () => 3)`

  test('the only flow of a file needs no name', async () => {
    const folder = aProject({ 'flow.ts': "import { flow } from 'tutti'\nexport const all = flow({ name: 'only' }, async () => 1)" })

    expect((await resolveFlow(`${folder}/flow.ts`)).definition.name).toBe('only')
  })

  test('of several the default export is meant', async () => {
    const folder = aProject({ 'flow.ts': `${FLOWS}\nexport default storeAll` })

    expect((await resolveFlow(`${folder}/flow.ts`)).definition.name).toBe('store-all')
  })

  test('a name is that of an export or that of a flow', async () => {
    const folder = aProject({ 'flow.ts': FLOWS })

    expect((await resolveFlow(`${folder}/flow.ts:storeAll`)).definition.name).toBe('store-all')
    expect((await resolveFlow(`${folder}/flow.ts:fetch-all`)).definition.name).toBe('fetch-all')
  })

  test('without a name several flows are told with what to write for each', async () => {
    const folder = aProject({ 'flow.ts': FLOWS })

    expect(await refusal(resolveFlow(`${folder}/flow.ts`))).toEqual({
      code: 'FLOW_AMBIGUOUS',
      message: `${folder}/flow.ts exports 2 flows: ${folder}/flow.ts:fetchAll, ${folder}/flow.ts:storeAll`,
    })
  })

  test('two flows of one name are told apart by their exports only', async () => {
    const folder = aProject({
      'flow.ts': `import { flow } from 'tutti'
        export const one = flow({ name: 'same' }, async () => 1)
        export const two = flow({ name: 'same' }, async () => 2)`,
    })

    expect(await refusal(resolveFlow(`${folder}/flow.ts:same`))).toMatchObject({ code: 'FLOW_AMBIGUOUS' })
    expect((await resolveFlow(`${folder}/flow.ts:two`)).definition.name).toBe('same')
  })

  test('a name that is nearly right gets a suggestion, and the flows that there are', async () => {
    const folder = aProject({ 'flow.ts': FLOWS })

    expect(await refusal(resolveFlow(`${folder}/flow.ts:fetch-al`))).toEqual({
      code: 'FLOW_NOT_FOUND',
      message: `${folder}/flow.ts exports no flow fetch-al; did you mean fetch-all? (its flows are fetchAll, storeAll, fetch-all, store-all)`,
    })
  })

  test('a task is not a flow, and a file without flows says what it has', async () => {
    const folder = aProject({ 'flow.ts': FLOWS, 'none.ts': 'export const a = 1', 'nothing.ts': 'const a = 1' })

    expect((await refusal(resolveFlow(`${folder}/flow.ts:fetchOne`))).message).toBe(`fetchOne in ${folder}/flow.ts is a task, not a flow`)
    expect((await refusal(resolveFlow(`${folder}/none.ts`))).message).toBe(`${folder}/none.ts exports no flow (its exports are a)`)
    expect((await refusal(resolveFlow(`${folder}/nothing.ts`))).message).toBe(`${folder}/nothing.ts exports no flow (it exports nothing)`)
  })

  test('a file name that is nearly right gets a suggestion', async () => {
    const folder = aProject({ 'flow.ts': FLOWS })

    expect(await refusal(resolveFlow(`${folder}/flwo.ts`))).toEqual({
      code: 'ENTRYPOINT_NOT_FOUND',
      message: `there is no file ${folder}/flwo.ts; did you mean ${folder}/flow.ts?`,
    })
  })
})

describe('bundles are kept', () => {
  test('a second start uses the bundle of the first, which nobody else may read', async () => {
    const folder = aProject({ 'flow.ts': 'export const a = 1' })
    const file = path.join(folder, 'flow.ts')

    const first = await prepareModule(file)
    const stamp = statSync(fileURLToPath(first.url)).mtimeMs
    const second = await prepareModule(file)

    expect(second).toEqual(first)
    expect(statSync(fileURLToPath(second.url)).mtimeMs).toBe(stamp)
    expect(bundlesOf(folder)).toHaveLength(1)
    expect(statSync(fileURLToPath(first.url)).mode & 0o777).toBe(0o600)
    expect(statSync(path.dirname(fileURLToPath(first.url))).mode & 0o777).toBe(0o700)
  })

  test.each<[string, Files]>([
    ['the file itself', { 'flow.ts': "export { part } from './part'\nexport const more = 1" }],
    ['a file it imports', { 'part.ts': 'export const part = 2' }],
    ['the tsconfig', { 'tsconfig.json': '{ "compilerOptions": { "target": "es2024" } }' }],
    ['what the tsconfig extends', { 'base.json': '{ "compilerOptions": { "jsx": "react" } }' }],
    ['a file that goes before the one that was found', { 'part.tsx': 'export const part = 3' }],
  ])('a change of %s makes a new bundle', async (_, change) => {
    const folder = aProject({
      'base.json': '{}',
      'tsconfig.json': '{ "extends": "./base.json" }',
      'part.ts': 'export const part = 1',
      'flow.ts': "export { part } from './part'",
    })
    const file = path.join(folder, 'flow.ts')
    const { url } = await prepareModule(file)
    const stored = fileURLToPath(url)
    const stamp = readFileSync(stored, 'utf8')

    write(folder, change)
    await prepareModule(file)

    expect(readFileSync(stored, 'utf8')).not.toBe(stamp)
    expect(bundlesOf(folder)).toHaveLength(1)
  })

  test('one process sees the file as it is now', async () => {
    const folder = aProject({ 'flow.ts': 'export const a = 1' })

    const before = await load(folder)
    write(folder, { 'flow.ts': 'export const a = 2' })
    const after = await load(folder)

    expect([before['a'], after['a']]).toEqual([1, 2])
  })

  test('a stored bundle that was cut is made again', async () => {
    const folder = aProject({ 'flow.ts': 'export const a = 1' })
    const { url } = await prepareModule(path.join(folder, 'flow.ts'))
    const stored = fileURLToPath(url)
    const whole = readFileSync(stored, 'utf8')

    writeFileSync(stored, whole.slice(0, -20))
    await prepareModule(path.join(folder, 'flow.ts'))

    expect(readFileSync(stored, 'utf8')).toBe(whole)
  })

  test('no more than 200 bundles are kept, the newest of them', async () => {
    const folder = aProject({ 'flow.ts': 'export const a = 1' })
    write(folder, Object.fromEntries(Array.from({ length: 220 }, (_, at) => [`node_modules/.cache/tutti/old-${at}.mjs`, ''])))

    const { url } = await prepareModule(path.join(folder, 'flow.ts'))

    expect(bundlesOf(folder)).toHaveLength(200)
    expect(bundlesOf(folder)).toContain(path.basename(fileURLToPath(url)))
  })

  test('where no node_modules is near, bundles lie in the given folder, else nowhere', async () => {
    const folder = aProject({ 'flow.ts': 'export const a = 1' })
    rmSync(path.join(folder, 'node_modules'), { recursive: true })
    const cacheFolder = path.join(folder, 'kept')

    const kept = await prepareModule(path.join(folder, 'flow.ts'), { cacheFolder })
    const unkept = await prepareModule(path.join(folder, 'flow.ts'))

    expect(path.dirname(fileURLToPath(kept.url))).toBe(cacheFolder)
    expect(unkept.url).toMatch(/^data:/)
    expect(await importModule(unkept)).toMatchObject({ a: 1 })
  })

  test('a cache folder that is a link to somewhere else is not used', async () => {
    const folder = aProject({ 'flow.ts': 'export const a = 1', 'elsewhere/keep.txt': '' })
    mkdirSync(path.join(folder, 'node_modules/.cache'))
    symlinkSync(path.join(folder, 'elsewhere'), path.join(folder, 'node_modules/.cache/tutti'))

    const { url } = await prepareModule(path.join(folder, 'flow.ts'))

    expect(url).toMatch(/^data:/)
    expect(readdirSync(path.join(folder, 'elsewhere'))).toEqual(['keep.txt'])
  })
})

describe('in a process of its own', () => {
  const ENTRYPOINT = new URL('entrypoint.ts', import.meta.url).href

  /** What a script prints that has `importModule` and `prepareModule` at hand, and the file `flow.ts` as `file`. */
  async function printed(folder: string, script: string): Promise<string> {
    const code = `
      import { importModule, prepareModule, resolveFlow } from ${JSON.stringify(ENTRYPOINT)}
      const file = ${JSON.stringify(path.join(folder, 'flow.ts'))}
      ${script}`
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=tutti-source', '--input-type=module', '-e', code], {
      env: { ...process.env, NODE_OPTIONS: '', TUTTI_HOME: path.join(folder, 'home') },
    })
    return stdout.trim()
  }

  test('an error names the line its author wrote, first time and from the cache', async () => {
    const folder = aProject({
      'flow.ts': "import { boom } from './lib/boom'\n\nexport function go(): never {\n  return boom()\n}\n",
      'lib/boom.ts': "interface Unused {\n  readonly a: string\n}\n\nexport function boom(): never {\n  throw new Error('boom')\n}\n",
    })
    const script =
      'const { go } = await importModule(await prepareModule(file)); try { go() } catch (error) { console.log(error.stack.split("\\n").slice(1, 3).join("\\n")) }'

    const first = await printed(folder, script)
    const again = await printed(folder, script)

    expect(first).toContain(`${folder}/lib/boom.ts:6:9`)
    expect(first).toContain(`${folder}/flow.ts:4:10`)
    expect(again).toBe(first)
  })

  test('users’ files and the packages they use get the copy of Tutti that runs already', async () => {
    const folder = aProject({
      'node_modules/tutti/package.json': '{ "name": "tutti", "type": "module", "exports": "./index.js" }',
      'node_modules/tutti/index.js': "throw new Error('another copy')",
      'node_modules/shared/package.json': '{ "name": "shared", "type": "module", "exports": "./index.js" }',
      'node_modules/shared/index.js': "export { flow } from 'tutti'",
      'flow.ts': "import { flow } from 'tutti'\nimport { flow as shared } from 'shared'\nexport { flow, shared }",
    })
    const own = new URL('../index.ts', import.meta.url).href

    const text = await printed(
      folder,
      `const { flow } = await import(${JSON.stringify(own)})
       const module = await importModule(await prepareModule(file))
       console.log(module.flow === flow, module.shared === flow)`,
    )

    expect(text).toBe('true true')
  })

  test('processes that make the same bundle at once all get it', async () => {
    const folder = aProject({ 'flow.ts': 'export const a: number = 1' })
    const script = 'console.log((await importModule(await prepareModule(file))).a)'

    const texts = await Promise.all([printed(folder, script), printed(folder, script), printed(folder, script)])

    expect(texts).toEqual(['1', '1', '1'])
    expect(bundlesOf(folder).filter((name) => name.endsWith('.mjs'))).toHaveLength(1)
    expect(bundlesOf(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})
