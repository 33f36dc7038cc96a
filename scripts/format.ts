// `npm run format`: rewrites every file in the one format.
import { runNode } from './processes.ts'

const { code } = await runNode(['node_modules/oxfmt/bin/oxfmt', '.', ...process.argv.slice(2)], { show: true })
process.exitCode = code
