// The `tutti` command. What everybody types first is answered before anything else is loaded.
import { groupHelp, rootHelp } from './help.ts'
import { groups } from './command-table.ts'
import { ownVersion } from './version.ts'

const args = process.argv.slice(2)
const quick = quickAnswer(args)
if (quick === undefined) {
  const { start } = await import('./start.ts')
  await start(args)
} else {
  process.stdout.write(quick)
}

function quickAnswer([first, second, ...rest]: readonly string[]): string | undefined {
  if (first === undefined || isHelp(first)) return rootHelp(ownVersion())
  if (first === '--version' || first === '-V') return `${ownVersion()}\n`
  const noun = first === 'help' ? second : first
  const asksHelp = first === 'help' ? rest.length === 0 : second === undefined || (isHelp(second) && rest.length === 0)
  if (first === 'help' && second === undefined) return rootHelp(ownVersion())
  return asksHelp && noun !== undefined && Object.hasOwn(groups, noun) ? groupHelp(noun) : undefined
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h'
}
