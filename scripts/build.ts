// `npm run build`: `tsc` emits the library, file by file; then what starts often is bundled over it.
//
// A bundle holds its own room and third-party code. All else of Tutti stays an import of the emitted files: a process
// with two copies of the SDK would have two registries, two contexts, and errors that are not `instanceof` each other.
import { build, type Plugin } from 'esbuild'
import { existsSync, globSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { root, runNode } from './processes.ts'

const packageRoot = path.join(root, 'packages', 'tutti')
const source = path.join(packageRoot, 'src')
const dist = path.join(packageRoot, 'dist')

/** What is bundled. The command is split at its dynamic imports, so that it loads only what it needs; a library is one file instead of hundreds. */
const bundles: readonly { readonly room: string; readonly entry: string; readonly licenseOf?: string }[] = [
  { room: 'cli', entry: 'main.ts' },
  { room: 'store', entry: 'kysely.ts', licenseOf: 'kysely' },
]

const startedAt = performance.now()
removeOrphans()
const emitted = await runNode(['node_modules/typescript/bin/tsc', '--project', 'packages/tutti/tsconfig.build.json', '--pretty', 'false'])
if (emitted.code !== 0) {
  console.error(emitted.output.trim())
  console.error('The types are wrong: see above.')
  process.exitCode = 1
}
for (const each of bundles) await bundle(each)
console.log(`Built packages/tutti/dist in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)

/** Removes what was emitted from sources that are gone, so that nothing can still import it. */
function removeOrphans(): void {
  for (const emittedFile of globSync('**/*.{js,js.map,d.ts,d.ts.map}', { cwd: dist, exclude: ['ui/**'] })) {
    const sourceFile = emittedFile.replace(/\.(js|js\.map|d\.ts|d\.ts\.map)$/, '.ts')
    const isChunk = path.basename(emittedFile).startsWith('chunk-')
    if (!isChunk && !existsSync(path.join(source, sourceFile))) rmSync(path.join(dist, emittedFile))
  }
}

async function bundle({ room, entry, licenseOf }: (typeof bundles)[number]): Promise<void> {
  const outdir = path.join(dist, room)
  // Names of chunks carry a hash; those of an earlier build would stay behind.
  for (const name of existsSync(outdir) ? readdirSync(outdir) : []) {
    if (name.startsWith('chunk-')) rmSync(path.join(outdir, name))
  }
  await build({
    entryPoints: [path.join(source, room, entry)],
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: 'chunk-[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    conditions: ['tutti-source'],
    legalComments: 'eof',
    ...(licenseOf !== undefined && { footer: { js: licenseComment(licenseOf) } }),
    sourcemap: true,
    logLevel: 'warning',
    plugins: [keepOtherRoomsOutside(room)],
  })
}

function licenseComment(name: string): string {
  const text = readFileSync(path.join(root, 'node_modules', name, 'LICENSE'), 'utf8')
  return `/*\nThis file contains ${name}.\n\n${text.trim()}\n*/`
}

/** Imports of other rooms become imports of their emitted files; every chunk lies in the room's own folder. */
function keepOtherRoomsOutside(room: string): Plugin {
  const own = path.join(source, room) + path.sep
  return {
    name: 'keep-other-rooms-outside',
    setup(esbuild) {
      esbuild.onResolve({ filter: /^\.\.?\// }, ({ importer, path: specifier }) => {
        const target = path.resolve(path.dirname(importer), specifier)
        if (!target.startsWith(source + path.sep) || target.startsWith(own)) return undefined
        const emittedFile = path.relative(own, target).replace(/\.ts$/, '.js')
        return { path: emittedFile.split(path.sep).join('/'), external: true }
      })
    },
  }
}
