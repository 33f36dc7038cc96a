// The dashboard as files, for whoever serves it from this repository: `packages/tutti/dist/ui`.
import { globSync, statSync } from 'node:fs'
import path from 'node:path'
import { root, runNode } from './processes.ts'

const ui = path.join(root, 'packages', 'ui')
const page = path.join(root, 'packages', 'tutti', 'dist', 'ui', 'index.html')

/** What the build is made of: the pages, and the client they ask the server with. */
const SOURCES = ['src/**/*', 'public/**/*', 'index.html', '*.ts', '../tutti/src/{api,client,core}/**/*.ts']

export async function buildDashboard(): Promise<void> {
  // Whoever runs tests has told Node so: pages are built as they are shipped all the same.
  const { code, output } = await runNode(['node_modules/vite/bin/vite.js', 'build', 'packages/ui'], { env: { NODE_ENV: 'production' } })
  if (code !== 0) throw new Error(`the dashboard could not be built:\n${output.trim()}`)
}

/** Builds it when it is not there, or older than its sources. */
export async function ensureDashboard(): Promise<void> {
  const newest = Math.max(...globSync([...SOURCES], { cwd: ui }).map((file) => statSync(path.join(ui, file)).mtimeMs))
  if ((statSync(page, { throwIfNoEntry: false })?.mtimeMs ?? 0) < newest) await buildDashboard()
}
