// `npm run build`: `tsc` emits the library and the integrations, file by file; then what starts often is bundled over the library, and
// the dashboard is built.
//
// A bundle holds its own room and third-party code. All else of Tutti stays an import of the emitted files: a process
// with two copies of the SDK would have two registries, two contexts, and errors that are not `instanceof` each other.
// The server holds no SDK and is a process of its own: it carries every room that it is made of, but for the errors.
import { build, type Plugin } from 'esbuild'
import { existsSync, globSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { buildDashboard } from './dashboard.ts'
import { root, runNode } from './processes.ts'

const packageRoot = path.join(root, 'packages', 'tutti')
const source = path.join(packageRoot, 'src')
const dist = path.join(packageRoot, 'dist')

interface Bundle {
  readonly room: string
  /** Files of the room, by the names they get beside its chunks. */
  readonly entries: Readonly<Record<string, string>>
  readonly outside: (file: string) => boolean
  readonly licensesOf: readonly string[]
}

const isOf = (room: string) => (file: string) => !file.startsWith(path.join(source, room) + path.sep)

/** What is bundled. It is split at its dynamic imports, so that only what is needed is loaded; a library is one file instead of hundreds. */
const bundles: readonly Bundle[] = [
  { room: 'cli', entries: { main: 'main.ts' }, outside: isOf('cli'), licensesOf: [] },
  { room: 'store', entries: { kysely: 'kysely.ts' }, outside: isOf('store'), licensesOf: ['kysely'] },
  {
    room: 'server',
    entries: { index: 'index.ts', thread: 'writer/thread.ts' },
    outside: (file) => file === path.join(source, 'core', 'errors.ts'),
    licensesOf: ['kysely', 'zod', 'hono', '@hono/node-server', 'croner', 'rrule-temporal'],
  },
]
/** Modules in the older format, which would need help to be part of a new one. */
const NOT_BUNDLED = ['pg', 'ws', 'esbuild']

/** zod brings its messages in fifty languages; ours are English. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup(esbuild) {
    esbuild.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "export { default as en } from './en.js'" }))
  },
}

/** In their order: the types of an integration are held against those that the library emits. */
const emittedPackages = ['packages/tutti', ...globSync('integrations/*/tsconfig.build.json', { cwd: root }).map(path.dirname)]

const startedAt = performance.now()
for (const folder of emittedPackages) await emit(folder)
for (const each of bundles) await bundle(each)
await buildDashboard().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
console.log(
  `Built ${emittedPackages.map((folder) => `${folder}/dist`).join(', ')} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
)

async function emit(folder: string): Promise<void> {
  removeOrphans(path.join(root, folder))
  const emitted = await runNode(['node_modules/typescript/bin/tsc', '--project', `${folder}/tsconfig.build.json`, '--pretty', 'false'])
  if (emitted.code === 0) return
  console.error(emitted.output.trim())
  console.error('The types are wrong: see above.')
  process.exitCode = 1
}

/** Removes what was emitted from sources that are gone, so that nothing can still import it. */
function removeOrphans(folder: string): void {
  for (const emittedFile of globSync('dist/**/*.{js,js.map,d.ts,d.ts.map}', { cwd: folder, exclude: ['dist/ui/**'] })) {
    const sourceFile = emittedFile.replace(/^dist/, 'src').replace(/\.(js|js\.map|d\.ts|d\.ts\.map)$/, '.ts')
    const isChunk = path.basename(emittedFile).startsWith('chunk-')
    if (!isChunk && !existsSync(path.join(folder, sourceFile))) rmSync(path.join(folder, emittedFile))
  }
}

async function bundle({ room, entries, outside, licensesOf }: Bundle): Promise<void> {
  const outdir = path.join(dist, room)
  // Names of chunks carry a hash; those of an earlier build would stay behind.
  for (const name of existsSync(outdir) ? readdirSync(outdir) : []) {
    if (name.startsWith('chunk-')) rmSync(path.join(outdir, name))
  }
  await build({
    entryPoints: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, path.join(source, room, file)])),
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: 'chunk-[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    conditions: ['tutti-source'],
    external: NOT_BUNDLED,
    legalComments: 'eof',
    footer: { js: licensesOf.map(licenseComment).join('\n') },
    sourcemap: true,
    logLevel: 'warning',
    plugins: [keepOutside(room, outside), englishOnly],
  })
}

function licenseComment(name: string): string {
  const text = readFileSync(path.join(root, 'node_modules', name, 'LICENSE'), 'utf8')
  return `/*\nThis file contains ${name}.\n\n${text.trim()}\n*/`
}

/** Some imports become imports of emitted files; every chunk lies in the room's own folder. */
function keepOutside(room: string, outside: (file: string) => boolean): Plugin {
  return {
    name: 'keep-outside',
    setup(esbuild) {
      esbuild.onResolve({ filter: /^\.\.?\// }, ({ importer, path: specifier }) => {
        const target = path.resolve(path.dirname(importer), specifier)
        if (!target.startsWith(source + path.sep) || !outside(target)) return undefined
        const emittedFile = path.relative(path.join(source, room), target).replace(/\.ts$/, '.js')
        return { path: emittedFile.split(path.sep).join('/'), external: true }
      })
    },
  }
}
