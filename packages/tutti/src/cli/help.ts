import { commonOptions, flagOf } from './command.ts'
import type { ArgumentSpec, Command, OptionSpec } from './command.ts'
import { commandTable, groups, topLevel } from './command-table.ts'
import type { CommandEntry } from './command-table.ts'

/** `tutti --help`: from the table alone, so that it costs nothing to show. */
export function rootHelp(version: string): string {
  const rows = topLevel().map(([word, summary]): Row => [
    word,
    Object.hasOwn(groups, word) ? `${summary}: ${verbsOf(word).join(', ')}` : summary,
  ])
  return lines(
    `Tutti ${version}: durable flows and tasks as plain TypeScript functions`,
    '',
    'Usage: tutti COMMAND',
    '',
    'Commands:',
    ...columns(rows),
    '',
    'Options:',
    ...columns([
      ['-h, --help', 'Show help; also of any command: tutti run --help'],
      ['-V, --version', 'Show the version'],
    ]),
    '',
    'Begin with:',
    ...columns([
      ['tutti run flow.ts', 'Run the flow that a file exports'],
      ['tutti flow-run ls', 'What ran, and how it ended'],
      ['tutti run --resume', 'Continue the newest unfinished run'],
    ]),
  )
}

/** `tutti flow-run --help`. */
export function groupHelp(noun: string): string {
  const rows = commandTable
    .filter(({ words }) => words[0] === noun && words.length > 1)
    .map(({ words, summary }): Row => [words.slice(1).join(' '), summary])
  return lines(groups[noun] ?? '', '', `Usage: tutti ${noun} COMMAND`, '', 'Commands:', ...columns(rows))
}

/** `tutti flow-run ls --help`. */
export function commandHelp({ words, summary }: CommandEntry, command: Command): string {
  const name = words.join(' ')
  const args = Object.entries(command.arguments)
  const options = Object.entries({ ...command.options, ...commonOptions })
  return lines(
    summary,
    ...(command.about === undefined ? [] : ['', command.about]),
    '',
    `Usage: ${['tutti', name, ...args.map(([argument, spec]) => shownArgument(argument, spec)), '[options]'].join(' ')}`,
    ...(args.length === 0 ? [] : ['', 'Arguments:', ...columns(args.map(([argument, spec]) => [argument.toUpperCase(), spec.doc]))]),
    '',
    'Options:',
    ...columns(options.map(([option, spec]) => [shownOption(option, spec), describeOption(spec)])),
    ...(command.examples.length === 0 ? [] : ['', 'Examples:', ...columns(command.examples.map(({ command: line, doc }) => [line, doc]))]),
  )
}

export function verbsOf(noun: string): readonly string[] {
  return commandTable.filter(({ words }) => words[0] === noun && words.length > 1).map(({ words }) => words.slice(1).join(' '))
}

function shownArgument(name: string, { optional, many }: ArgumentSpec): string {
  const shown = `${name.toUpperCase()}${many === true ? '...' : ''}`
  return optional === true ? `[${shown}]` : shown
}

function shownOption(name: string, { short, value, valueOptional }: OptionSpec): string {
  const shownValue = value === undefined ? '' : valueOptional === true ? ` [${value}]` : ` ${value}`
  return `${short === undefined ? '    ' : `-${short}, `}${flagOf(name)}${shownValue}`
}

function describeOption({ doc, choices, repeatable }: OptionSpec): string {
  const notes = [...(choices === undefined ? [] : [choices.join(', ')]), ...(repeatable === true ? ['may be repeated'] : [])]
  return notes.length === 0 ? doc : `${doc} (${notes.join('; ')})`
}

type Row = readonly [string, string]

/** Two columns; what is too wide for the first stands on a line of its own. */
function columns(rows: readonly Row[]): readonly string[] {
  const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)))
  return rows.flatMap(([left, right]) =>
    left.length > width ? [`  ${left}`, `  ${' '.repeat(width)}  ${right}`] : [`  ${left.padEnd(width)}  ${right}`],
  )
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
