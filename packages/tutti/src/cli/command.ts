import type { World } from './world.ts'

/** An option of a command. Its name in code is camelCase; typed in a terminal it is `--kebab-case`. */
export interface OptionSpec {
  readonly doc: string
  readonly short?: string
  /** What the value is called in help; without it the option is a switch. */
  readonly value?: string
  /** The value may be left out; then the option is `true`. */
  readonly valueOptional?: true
  /** May be given more than once; the option is a list. */
  readonly repeatable?: true
  readonly choices?: readonly string[]
  /** Reads the value; throws a `UsageError` when it cannot. */
  readonly parse?: (text: string) => unknown
}

export interface ArgumentSpec {
  readonly doc: string
  readonly optional?: true
  /** Takes all that follow; the argument is a list. */
  readonly many?: true
  readonly choices?: readonly string[]
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>
export type ArgumentSpecs = Readonly<Record<string, ArgumentSpec>>

type OptionValue<O extends OptionSpec> = O extends { readonly parse: (text: string) => infer T }
  ? T
  : O extends { readonly choices: readonly (infer C)[] }
    ? C
    : string

export type OptionValues<O extends OptionSpecs> = {
  readonly [Name in keyof O]: O[Name] extends { readonly repeatable: true }
    ? readonly OptionValue<O[Name]>[]
    : O[Name] extends { readonly valueOptional: true }
      ? OptionValue<O[Name]> | true | undefined
      : O[Name] extends { readonly value: string }
        ? OptionValue<O[Name]> | undefined
        : boolean
}

export type ArgumentValues<A extends ArgumentSpecs> = {
  readonly [Name in keyof A]: A[Name] extends { readonly many: true }
    ? readonly string[]
    : A[Name] extends { readonly optional: true }
      ? string | undefined
      : string
}

export interface Example {
  readonly command: string
  readonly doc: string
}

export interface Input<A extends ArgumentSpecs = ArgumentSpecs, O extends OptionSpecs = OptionSpecs> {
  readonly arguments: ArgumentValues<A>
  readonly options: OptionValues<O>
}

/** A command as data: parsing, help and completion derive from it. Its words and summary stand in the command table. */
export interface Command<A extends ArgumentSpecs = ArgumentSpecs, O extends OptionSpecs = OptionSpecs> {
  /** More than the summary, for its own help. */
  readonly about?: string
  readonly arguments: A
  readonly options: O
  readonly examples: readonly Example[]
  /** Answers with the exit code. */
  run(world: World, input: Input<A, O>): Promise<number>
}

/** Checks `run` against the declared arguments and options, then forgets their types. */
export function defineCommand<const A extends ArgumentSpecs, const O extends OptionSpecs>(command: Command<A, O>): Command {
  // The parser makes the input from the same declarations, so `run` gets what its type says.
  return command as unknown as Command
}

/** Whether the command answers programs: then its errors are JSON too. */
export function takesJson(command: Command): boolean {
  return Object.hasOwn(command.options, 'json')
}

export const jsonOption = { doc: 'Print JSON for programs' } as const satisfies OptionSpec
const debugOption = { doc: 'Show where an error comes from (also TUTTI_DEBUG=1)' } as const satisfies OptionSpec
const helpOption = { short: 'h', doc: 'Show this help' } as const satisfies OptionSpec

/** Options every command has. */
export const commonOptions = { debug: debugOption, help: helpOption } as const satisfies OptionSpecs

export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

export function nameOfFlag(flag: string): string {
  return flag.replace(/^--/, '').replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
