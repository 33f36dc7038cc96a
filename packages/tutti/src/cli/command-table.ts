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
  server: 'Start and stop the server',
  maintenance: 'Start nothing new for a while',
}

export const commandTable: readonly CommandEntry[] = [
  {
    words: ['run'],
    summary: 'Run a flow of a file, or continue an unfinished run',
    load: async () => (await import('./commands/run.ts')).run,
  },

  {
    words: ['dev'],
    summary: 'Start a server and run a file, again at each change',
    load: async () => (await import('./commands/dev.ts')).dev,
  },
  {
    words: ['server', 'start'],
    summary: 'Start the server',
    load: async () => (await import('./commands/server-start.ts')).start,
  },
  {
    words: ['server', 'status'],
    summary: 'Tell whether the server of this home runs, and where',
    load: async () => (await import('./commands/server-status.ts')).status,
  },
  {
    words: ['server', 'stop'],
    summary: 'Stop the server of this home',
    load: async () => (await import('./commands/server-stop.ts')).stop,
  },

  {
    words: ['maintenance', 'on'],
    summary: 'Start nothing new; what runs goes on to its end',
    load: async () => (await import('./commands/maintenance.ts')).on,
  },
  {
    words: ['maintenance', 'off'],
    summary: 'Go on as before',
    load: async () => (await import('./commands/maintenance.ts')).off,
  },
  {
    words: ['maintenance', 'status'],
    summary: 'Tell what is in maintenance, and what still runs',
    load: async () => (await import('./commands/maintenance.ts')).status,
  },
  {
    words: ['maintenance', 'wait'],
    summary: 'Wait until nothing runs',
    load: async () => (await import('./commands/maintenance.ts')).wait,
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
  {
    words: ['flow-run', 'explain'],
    summary: 'Tell why a flow run is not running',
    load: async () => (await import('./commands/flow-run-explain.ts')).explain,
  },
  {
    words: ['flow-run', 'logs'],
    summary: 'Print the log of a flow run',
    load: async () => (await import('./commands/flow-run-logs.ts')).logs,
  },
  {
    words: ['flow-run', 'watch'],
    summary: 'Follow a flow run until it ends',
    load: async () => (await import('./commands/flow-run-watch.ts')).watch,
  },
  {
    words: ['flow-run', 'cancel'],
    summary: 'End flow runs, and wait until they have',
    load: async () => (await import('./commands/flow-run-cancel.ts')).cancel,
  },
  {
    words: ['flow-run', 'resume'],
    summary: 'Continue a flow run after a crash or a cancellation',
    load: async () => (await import('./commands/flow-run-continue.ts')).resume,
  },
  {
    words: ['flow-run', 'retry'],
    summary: 'Run the failed tasks of a flow run again',
    load: async () => (await import('./commands/flow-run-continue.ts')).retry,
  },
  {
    words: ['flow-run', 'rerun'],
    summary: 'Run a flow run again, from one of its tasks or with other values',
    load: async () => (await import('./commands/flow-run-rerun.ts')).rerun,
  },
  {
    words: ['flow-run', 'delete'],
    summary: 'Delete flow runs and all that belongs to them',
    load: async () => (await import('./commands/flow-run-delete.ts')).remove,
  },

  {
    words: ['task-run', 'ls'],
    summary: 'List the task runs of a flow run',
    load: async () => (await import('./commands/task-run-ls.ts')).list,
  },
  {
    words: ['task-run', 'inspect'],
    summary: 'Show all about a task run',
    load: async () => (await import('./commands/task-run-inspect.ts')).inspect,
  },

  { words: ['flow', 'ls'], summary: 'List flows with their newest run', load: async () => (await import('./commands/flow-ls.ts')).list },

  {
    words: ['config', 'view'],
    summary: 'Show settings and where each comes from',
    load: async () => (await import('./commands/config-view.ts')).view,
  },
  { words: ['config', 'set'], summary: 'Set a setting in config.json', load: async () => (await import('./commands/config-set.ts')).set },
  {
    words: ['config', 'unset'],
    summary: 'Take a setting out of config.json',
    load: async () => (await import('./commands/config-set.ts')).unset,
  },

  {
    words: ['db', 'migrate'],
    summary: 'Move everything into a PostgreSQL database',
    load: async () => (await import('./commands/db-migrate.ts')).migrate,
  },
  {
    words: ['db', 'info'],
    summary: 'Show where the database is and what is in it',
    load: async () => (await import('./commands/db-info.ts')).info,
  },
  {
    words: ['db', 'vacuum'],
    summary: 'Give unused space back to the disk',
    load: async () => (await import('./commands/db-maintain.ts')).vacuum,
  },
  {
    words: ['db', 'backup'],
    summary: 'Write a copy of the database',
    load: async () => (await import('./commands/db-maintain.ts')).backup,
  },
  { words: ['db', 'reset'], summary: 'Delete everything recorded', load: async () => (await import('./commands/db-reset.ts')).reset },

  {
    words: ['completion'],
    summary: 'Print a script for tab completion in bash, zsh or fish',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
  { words: ['version'], summary: 'Show versions and places', load: async () => (await import('./commands/version.ts')).version },
]

/** The words that may follow `tutti`, with what they do. */
export function topLevel(): readonly (readonly [string, string])[] {
  const single = commandTable.filter(({ words }) => words.length === 1).map(({ words, summary }) => [words[0], summary] as const)
  return [...single.slice(0, 1), ...Object.entries(groups), ...single.slice(1)]
}
