import type { Command } from './command.ts'

/** A command by the words that name it. Its own module is loaded when it is asked for, so this table costs nothing. */
export interface CommandEntry {
  readonly words: readonly [string, ...string[]]
  readonly summary: string
  readonly load: () => Promise<Command>
}

/** Nouns with commands of their own. */
export const groups: Readonly<Record<string, string>> = {
  'flow-run': 'See, continue and end flow runs',
  'task-run': 'See task runs',
  flow: 'See flows',
  config: 'See and change settings',
  db: 'Look after the database',
}

export const commandTable: readonly CommandEntry[] = [
  {
    words: ['run'],
    summary: 'Run a flow of a file, or continue an unfinished run',
    load: async () => (await import('./commands/run.ts')).run,
  },

  {
    words: ['flow-run', 'ls'],
    summary: 'List flow runs, newest first',
    load: async () => (await import('./commands/flow-run-ls.ts')).list,
  },
  {
    words: ['flow-run', 'inspect'],
    summary: 'Show all about a flow run',
    load: async () => (await import('./commands/flow-run-inspect.ts')).inspect,
  },
]
