import { Command as Parser, CommanderError, Option } from 'commander'
import { suggestion } from '../core/suggestion.ts'
import { commonOptions, flagOf, nameOfFlag } from './command.ts'
import type { Command, Input, OptionSpec } from './command.ts'
import { UsageError } from './usage-error.ts'

export interface ParsedInput extends Input {
  readonly help: boolean
  readonly debug: boolean
}

/**
 * Reads what follows the command's words.
 *
 * @throws `UsageError`, with what was probably meant.
 */
export function parseInput(name: string, command: Command, args: readonly string[]): ParsedInput {
  const specs: Readonly<Record<string, OptionSpec>> = { ...command.options, ...commonOptions }
  const parser = newParser(specs)
  for (const [argument, { optional, many }] of Object.entries(command.arguments)) {
    const shown = `${argument}${many === true ? '...' : ''}`
    // Whether one is missing is said here, in our words.
    parser.argument(optional === true || asksForHelp(args) ? `[${shown}]` : `<${shown}>`)
  }
  try {
    parser.parse([...args], { from: 'user' })
  } catch (error) {
    throw error instanceof CommanderError ? toUsageError(error, { name, command, specs, args: parser.args }) : error
  }

  const given: Readonly<Record<string, unknown>> = parser.opts()
  const options = Object.fromEntries(Object.entries(specs).map(([option, spec]) => [option, readOption(option, spec, given[option])]))
  const { help, debug, ...own } = options
  const names = Object.keys(command.arguments)
  const values = names.map((argument, at): [string, string | readonly string[] | undefined] => {
    const value: unknown = parser.processedArgs[at]
    if (command.arguments[argument]?.many === true) return [argument, Array.isArray(value) ? value.map(String) : []]
    return [argument, typeof value === 'string' ? value : undefined]
  })
  checkChoices(command, values)
  // Made from the declarations from which their types derive.
  return { arguments: Object.fromEntries(values), options: own, help: help === true, debug: debug === true } as ParsedInput
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end === -1 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h')
}

function newParser(specs: Readonly<Record<string, OptionSpec>>): Parser {
  const parser = new Parser().exitOverride().helpOption(false).allowExcessArguments(false).showSuggestionAfterError(false)
  parser.configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
  for (const [name, { short, value, valueOptional, repeatable, doc }] of Object.entries(specs)) {
    const shownValue = value === undefined ? '' : valueOptional === true ? ' [value]' : ' <value>'
    const option = new Option(`${short === undefined ? '' : `-${short}, `}${flagOf(name)}${shownValue}`, doc)
    if (repeatable === true) option.argParser((text: string, before?: readonly string[]) => [...(before ?? []), text])
    parser.addOption(option)
  }
  return parser
}

function readOption(name: string, spec: OptionSpec, given: unknown): unknown {
  if (spec.value === undefined) return given === true
  if (spec.repeatable === true) return Array.isArray(given) ? given.map((text) => readValue(name, spec, String(text))) : []
  return typeof given === 'string' ? readValue(name, spec, given) : given
}

function readValue(name: string, { choices, parse }: OptionSpec, text: string): unknown {
  if (choices !== undefined && !choices.includes(text)) throw wrongChoice(flagOf(name), text, choices)
  if (parse === undefined) return text
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${flagOf(name)}: ${error.message}`, error.fix)
    throw error
  }
}

function checkChoices(command: Command, values: readonly [string, string | readonly string[] | undefined][]): void {
  for (const [argument, value] of values) {
    const choices = command.arguments[argument]?.choices
    const texts = typeof value === 'string' ? [value] : (value ?? [])
    for (const text of texts) {
      if (choices !== undefined && !choices.includes(text)) throw wrongChoice(argument.toUpperCase(), text, choices)
    }
  }
}

function wrongChoice(what: string, text: string, choices: readonly string[]): UsageError {
  return new UsageError(`${what} cannot be '${text}'${didYouMean(suggestion(text, choices))}`, `It is one of ${choices.join(', ')}.`)
}

interface Typed {
  readonly name: string
  readonly command: Command
  readonly specs: Readonly<Record<string, OptionSpec>>
  /** Without options. */
  readonly args: readonly string[]
}

function toUsageError(error: CommanderError, { name, command, specs, args }: Typed): UsageError {
  const fix = `See \`tutti ${name} --help\`.`
  const named = /'([^']*)'/.exec(error.message)?.[1] ?? ''
  switch (error.code) {
    case 'commander.unknownOption': {
      const near = suggestion(nameOfFlag(named), Object.keys(specs))
      return new UsageError(`tutti ${name} has no option ${named}${didYouMean(near === undefined ? undefined : flagOf(near))}`, fix)
    }
    case 'commander.missingArgument':
      return new UsageError(`tutti ${name} needs ${named.toUpperCase()}: ${command.arguments[named]?.doc ?? ''}`, fix)
    case 'commander.optionMissingArgument':
      return new UsageError(`${named.replace(/^-\w, /, '').replace(/ <.*$/, '')} needs a value`, fix)
    case 'commander.excessArguments': {
      const extra = args[Object.keys(command.arguments).length] ?? ''
      const isParameter = 'param' in specs && /^[\w.]+=/.test(extra)
      return new UsageError(`tutti ${name} takes no argument ${extra}`, isParameter ? `A parameter is given as --param ${extra}` : fix)
    }
    default:
      return new UsageError(error.message.replace(/^error: /, ''), fix)
  }
}

export function didYouMean(near: string | undefined): string {
  return near === undefined ? '' : `; did you mean ${near}?`
}
