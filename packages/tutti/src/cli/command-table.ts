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
  deployment: 'See, run and change deployments',
  'work-pool': 'See and change work pools',
  'work-queue': 'See and change the queues of work pools',
  block: 'Keep typed settings and secrets',
  variable: 'Keep plain values that flows read',
  schedule: 'See what schedules mean',
  calendar: 'Look after calendars that schedules go by',
  backfill: 'Run a deployment for times that have passed',
  config: 'See and change settings',
  db: 'Look after the database',
  secrets: 'Look after the keys that secrets are sealed with',
  server: 'Start and stop the server',
  worker: 'Run due runs of work pools',
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
    words: ['deploy'],
    summary: 'Make the deployments on the server what tutti.config.ts says',
    load: async () => (await import('./commands/deploy.ts')).deploy,
  },
  {
    words: ['server', 'start'],
    summary: 'Start the server',
    load: async () => (await import('./commands/server-start.ts')).start,
  },
  {
    words: ['worker', 'start'],
    summary: 'Run the due runs of a work pool',
    load: async () => (await import('./commands/worker-start.ts')).workerStart,
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
    summary: 'Continue a flow run that waits, crashed or was cancelled',
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
    words: ['deployment', 'ls'],
    summary: 'List deployments',
    load: async () => (await import('./commands/deployment-ls.ts')).list,
  },
  {
    words: ['deployment', 'inspect'],
    summary: 'Show all about a deployment',
    load: async () => (await import('./commands/deployment-inspect.ts')).inspect,
  },
  {
    words: ['deployment', 'run'],
    summary: 'Make a run of a deployment, now or later',
    load: async () => (await import('./commands/deployment-run.ts')).run,
  },
  {
    words: ['deployment', 'pause'],
    summary: 'Make no runs by schedules any more',
    load: async () => (await import('./commands/deployment-pause.ts')).pause,
  },
  {
    words: ['deployment', 'resume'],
    summary: 'Make runs by schedules again',
    load: async () => (await import('./commands/deployment-pause.ts')).resume,
  },
  {
    words: ['deployment', 'versions'],
    summary: 'List what a deployment was, deploy by deploy',
    load: async () => (await import('./commands/deployment-versions.ts')).versions,
  },
  {
    words: ['deployment', 'rollback'],
    summary: 'Make a deployment what it was in another version',
    load: async () => (await import('./commands/deployment-versions.ts')).rollback,
  },
  {
    words: ['deployment', 'delete'],
    summary: 'Delete deployments; they can be restored for a week',
    load: async () => (await import('./commands/deployment-delete.ts')).remove,
  },
  {
    words: ['deployment', 'restore'],
    summary: 'Bring back a deployment that was deleted',
    load: async () => (await import('./commands/deployment-delete.ts')).restore,
  },

  {
    words: ['work-pool', 'ls'],
    summary: 'List work pools',
    load: async () => (await import('./commands/work-pool-ls.ts')).list,
  },
  {
    words: ['work-pool', 'inspect'],
    summary: 'Show a work pool with its queues and workers',
    load: async () => (await import('./commands/work-pool-inspect.ts')).inspect,
  },
  {
    words: ['work-pool', 'create'],
    summary: 'Make a work pool',
    load: async () => (await import('./commands/work-pool-create.ts')).create,
  },
  {
    words: ['work-pool', 'update'],
    summary: 'Change a work pool',
    load: async () => (await import('./commands/work-pool-create.ts')).update,
  },
  {
    words: ['work-pool', 'pause'],
    summary: 'Take nothing from a work pool any more',
    load: async () => (await import('./commands/work-pool-pause.ts')).pause,
  },
  {
    words: ['work-pool', 'resume'],
    summary: 'Take from a work pool again',
    load: async () => (await import('./commands/work-pool-pause.ts')).resume,
  },
  {
    words: ['work-pool', 'delete'],
    summary: 'Delete a work pool',
    load: async () => (await import('./commands/work-pool-pause.ts')).remove,
  },
  {
    words: ['work-queue', 'ls'],
    summary: 'List work queues',
    load: async () => (await import('./commands/work-queue-ls.ts')).list,
  },
  {
    words: ['work-queue', 'create'],
    summary: 'Make a queue in a work pool',
    load: async () => (await import('./commands/work-queue-create.ts')).create,
  },
  {
    words: ['work-queue', 'update'],
    summary: 'Change a work queue',
    load: async () => (await import('./commands/work-queue-create.ts')).update,
  },
  {
    words: ['work-queue', 'pause'],
    summary: 'Take nothing from a work queue any more',
    load: async () => (await import('./commands/work-queue-create.ts')).pause,
  },
  {
    words: ['work-queue', 'resume'],
    summary: 'Take from a work queue again',
    load: async () => (await import('./commands/work-queue-create.ts')).resume,
  },
  {
    words: ['work-queue', 'delete'],
    summary: 'Delete a work queue',
    load: async () => (await import('./commands/work-queue-create.ts')).remove,
  },
  {
    words: ['worker', 'ls'],
    summary: 'List workers, and when they were heard of',
    load: async () => (await import('./commands/worker-ls.ts')).list,
  },

  {
    words: ['block', 'ls'],
    summary: 'List blocks',
    load: async () => (await import('./commands/block.ts')).list,
  },
  {
    words: ['block', 'inspect'],
    summary: 'Show what a block holds, without its secrets',
    load: async () => (await import('./commands/block.ts')).inspect,
  },
  {
    words: ['block', 'create'],
    summary: 'Save a block',
    load: async () => (await import('./commands/block-create.ts')).create,
  },
  {
    words: ['block', 'delete'],
    summary: 'Delete blocks',
    load: async () => (await import('./commands/block.ts')).remove,
  },
  {
    words: ['block', 'register'],
    summary: 'Save the block types that a file exports',
    load: async () => (await import('./commands/block-register.ts')).register,
  },
  {
    words: ['block', 'type', 'ls'],
    summary: 'List block types',
    load: async () => (await import('./commands/block-type.ts')).list,
  },
  {
    words: ['block', 'type', 'inspect'],
    summary: 'Show the fields of a block type',
    load: async () => (await import('./commands/block-type.ts')).inspect,
  },
  {
    words: ['block', 'type', 'delete'],
    summary: 'Delete a block type with its blocks',
    load: async () => (await import('./commands/block-type.ts')).remove,
  },

  {
    words: ['variable', 'ls'],
    summary: 'List variables',
    load: async () => (await import('./commands/variable.ts')).list,
  },
  {
    words: ['variable', 'get'],
    summary: 'Print the value of a variable',
    load: async () => (await import('./commands/variable.ts')).get,
  },
  {
    words: ['variable', 'set'],
    summary: 'Make a variable, or change one',
    load: async () => (await import('./commands/variable.ts')).set,
  },
  {
    words: ['variable', 'unset'],
    summary: 'Delete variables',
    load: async () => (await import('./commands/variable.ts')).unset,
  },
  {
    words: ['variable', 'inspect'],
    summary: 'Show all about a variable',
    load: async () => (await import('./commands/variable.ts')).inspect,
  },

  {
    words: ['schedule', 'preview'],
    summary: 'Show the next times of a schedule',
    load: async () => (await import('./commands/schedule-preview.ts')).preview,
  },

  {
    words: ['calendar', 'ls'],
    summary: 'List calendars',
    load: async () => (await import('./commands/calendar.ts')).list,
  },
  {
    words: ['calendar', 'inspect'],
    summary: 'Show the closed days of a calendar',
    load: async () => (await import('./commands/calendar.ts')).inspect,
  },
  {
    words: ['calendar', 'set'],
    summary: 'Make a calendar, or add closed days to one',
    load: async () => (await import('./commands/calendar.ts')).set,
  },
  {
    words: ['calendar', 'import'],
    summary: 'Add the holidays of a calendar file',
    load: async () => (await import('./commands/calendar.ts')).importFile,
  },
  {
    words: ['calendar', 'delete'],
    summary: 'Delete a calendar',
    load: async () => (await import('./commands/calendar.ts')).remove,
  },

  {
    words: ['backfill', 'start'],
    summary: 'Run a deployment for times that have passed',
    load: async () => (await import('./commands/backfill.ts')).start,
  },
  {
    words: ['backfill', 'ls'],
    summary: 'List backfills, newest first',
    load: async () => (await import('./commands/backfill.ts')).list,
  },
  {
    words: ['backfill', 'inspect'],
    summary: 'Show how far a backfill is',
    load: async () => (await import('./commands/backfill.ts')).inspect,
  },
  {
    words: ['backfill', 'pause'],
    summary: 'Make no more runs of a backfill for now',
    load: async () => (await import('./commands/backfill.ts')).pause,
  },
  {
    words: ['backfill', 'resume'],
    summary: 'Go on with a backfill',
    load: async () => (await import('./commands/backfill.ts')).resume,
  },
  {
    words: ['backfill', 'cancel'],
    summary: 'End a backfill and its runs',
    load: async () => (await import('./commands/backfill.ts')).cancel,
  },
  // The short form of `start`; behind the others, whose words are longer.
  {
    words: ['backfill'],
    summary: 'Run a deployment for times that have passed',
    load: async () => (await import('./commands/backfill.ts')).start,
  },

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
    words: ['secrets', 'status'],
    summary: 'Show which keys seal how many secrets',
    load: async () => (await import('./commands/secrets.ts')).status,
  },
  {
    words: ['secrets', 'rotate'],
    summary: 'Seal every secret with a new key',
    load: async () => (await import('./commands/secrets.ts')).rotate,
  },
  {
    words: ['secrets', 'forget'],
    summary: 'Remove keys that nothing needs any more',
    load: async () => (await import('./commands/secrets.ts')).forget,
  },

  {
    words: ['completion'],
    summary: 'Print a script for tab completion in bash, zsh or fish',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
  { words: ['version'], summary: 'Show versions and places', load: async () => (await import('./commands/version.ts')).version },
]

/** The words that may follow `tutti`, with what they do. */
export function topLevel(): readonly (readonly [string, string])[] {
  const single = commandTable
    .filter(({ words }) => words.length === 1 && !Object.hasOwn(groups, words[0]))
    .map(({ words, summary }) => [words[0], summary] as const)
  return [...single.slice(0, 1), ...Object.entries(groups), ...single.slice(1)]
}
