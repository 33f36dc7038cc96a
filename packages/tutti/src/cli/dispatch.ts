import { suggestion } from '../core/suggestion.ts'
import { takesJson } from './command.ts'
import { commandTable, groups } from './command-table.ts'
import type { CommandEntry } from './command-table.ts'
import { printError } from './error-report.ts'
import { commandHelp, groupHelp, verbsOf } from './help.ts'
import { didYouMean, parseInput } from './parse.ts'
import { UsageError } from './usage-error.ts'
import type { World } from './world.ts'

/** What the scripts of `tutti completion` call: `tutti __complete SHELL -- WORDS`. */
const COMPLETE = '__complete'

/** Finds the command, reads its input, runs it. Answers with the exit code; errors are printed here. */
export async function dispatch(world: World, args: readonly string[]): Promise<number> {
  const report = { debug: args.includes('--debug') || isSet(world.environment['TUTTI_DEBUG']), json: false }
  try {
    if (args[0] === COMPLETE) {
      const { complete, formatCandidates } = await import('./complete.ts')
      const [, shell = '', , ...typed] = args
      world.output.write(formatCandidates(shell, await complete(typed)))
      return 0
    }
    const words = args[0] === 'help' ? [...args.slice(1), '--help'] : args
    const entry = findCommand(words)
    if (entry === undefined) {
      world.output.write(groupHelp(words[0] ?? ''))
      return 0
    }
    const command = await entry.load()
    const rest = words.slice(entry.words.length)
    report.json = takesJson(command) && rest.includes('--json')
    const input = parseInput(entry.words.join(' '), command, rest)
    if (input.help) {
      world.output.write(commandHelp(entry, command))
      return 0
    }
    return await command.run(world, input)
  } catch (error) {
    return printError(world.errors, error, report)
  }
}

/** The command the first words name; `undefined` when a noun stands alone and its commands should be shown. */
function findCommand(words: readonly string[]): CommandEntry | undefined {
  const [first = '', second, third] = words
  const found = commandTable.find((entry) => entry.words.every((word, at) => word === words[at]))
  if (found !== undefined) return found

  if (Object.hasOwn(groups, first)) {
    if (isNoWord(second)) return undefined
    const isNoun = commandTable.some(({ words: known }) => known.length > 2 && known[0] === first && known[1] === second)
    if (isNoun && isNoWord(third)) return undefined
    const verbs = verbsOf(first)
    const verb = isNoun ? `${second} ${third}` : second
    throw new UsageError(`tutti ${first} has no command ${verb}${didYouMean(suggestion(verb, verbs))}`, `It has ${verbs.join(', ')}.`)
  }
  if (first.startsWith('-')) throw new UsageError(`tutti has no option ${first} before a command`, 'See `tutti --help`.')
  if (/\.[cm]?[jt]sx?(:|$)/.test(first)) throw new UsageError(`${first} is a file, not a command`, `Run it with \`tutti run ${first}\`.`)
  const names = new Set(commandTable.map((entry) => entry.words[0]))
  throw new UsageError(`there is no command ${first}${didYouMean(suggestion(first, names))}`, 'See all commands with `tutti --help`.')
}

function isNoWord(word: string | undefined): word is undefined {
  return word === undefined || word.startsWith('-')
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0'
}
