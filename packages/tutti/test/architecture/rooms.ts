// Which room may import what, as data. A room is a folder of `src/`; the door `index.ts` belongs to none.
// A change here is a change of the architecture: it comes with its reason and with ARCHITECTURE.md.

export interface Room {
  /** Rooms, or single files of rooms (`store/port.ts`), that this room may import besides itself. */
  readonly imports: readonly string[]
  /** As `imports`, but only `import type`. */
  readonly typeImports?: readonly string[]
  /** Third-party packages. */
  readonly packages?: readonly string[]
  /** As `packages`, but only `import type`. */
  readonly typePackages?: readonly string[]
  /** Whether it may import Node's own modules; those that are clocks, timers or the environment stay with `system`. */
  readonly node: boolean
}

/** Where a line of the terminal is written; the one part of `system` that is not handed over as an argument. */
const terminal = ['system/terminal.ts', 'system/terminal-line.ts']

export const rooms: Readonly<Record<string, Room>> = {
  core: { imports: [], packages: ['zod', 'croner', 'rrule-temporal'], typePackages: ['@standard-schema/spec'], node: false },
  api: { imports: ['core'], packages: ['zod'], node: false },
  settings: { imports: ['core'], packages: ['zod'], node: true },
  system: { imports: ['core'], node: true },
  engine: { imports: ['core'], packages: ['devalue', 'cbor-x'], typePackages: ['@standard-schema/spec'], node: true },
  store: { imports: ['core'], packages: ['kysely', 'pg'], node: true },
  orchestrator: { imports: ['core', 'store/port.ts'], node: true },
  services: { imports: ['core'], typeImports: ['orchestrator/service-operations.ts'], node: true },
  client: { imports: ['core', 'api'], node: false },
  sdk: { imports: ['core', 'engine', ...terminal], typePackages: ['@standard-schema/spec', 'zod'], node: true },
  worker: { imports: ['core', 'engine'], node: true },
  server: { imports: ['core', 'api'], packages: ['hono', '@hono/node-server', 'ws', 'zod'], node: true },
  cli: {
    imports: ['core', 'settings', ...terminal, 'index.ts', 'client/index.ts', 'server/index.ts', 'worker/index.ts', 'testing/index.ts'],
    packages: ['commander'],
    node: true,
  },
  testing: {
    imports: [
      'core',
      'api',
      'settings',
      'system',
      'engine',
      'store',
      'orchestrator',
      'services',
      'client',
      'sdk',
      'worker',
      'server',
      'index.ts',
    ],
    packages: ['vitest'],
    node: true,
  },
}

/** What single files may import beyond their room: the composition roots, where a program is put together. */
export const exceptions: readonly {
  readonly files: string
  readonly imports?: readonly string[]
  readonly packages?: readonly string[]
}[] = [
  // Of the real world the door of the client needs the time, and takes it from a file that browsers can load.
  { files: 'client/index.ts', imports: ['system/clock.ts'] },
  { files: 'sdk/connect.ts', imports: ['client', 'settings', 'system'] },
  // The two ways to state it chooses between.
  { files: 'sdk/embedded.ts', imports: ['orchestrator', 'store', 'settings'] },
  { files: 'sdk/remote.ts', imports: ['client', 'settings', 'system'] },
  // The work after a run that `connect.ts` hands its settings to.
  { files: 'sdk/tidy.ts', imports: ['settings'] },
  { files: 'worker/start.ts', imports: ['client', 'settings', 'system'] },
  // The program that runs flow runs for a worker: an engine of its own, as any script has one.
  { files: 'worker/process/child-main.ts', imports: ['sdk/connect.ts', 'sdk/process-engine.ts', 'system'] },
  { files: 'server/start.ts', imports: ['orchestrator', 'services', 'store', 'settings', 'system'] },
  // The part of it that opens the database, and the thread that writes it: a small program of its own.
  { files: 'server/open-orchestrator.ts', imports: ['orchestrator', 'store', 'settings', 'system'] },
  // Tells processes apart that live from those that were killed, also for the command that looks at a server from outside.
  { files: 'server/running.ts', imports: ['system'] },
  // They copy a database, of this home and into another one: they open it without a server.
  { files: 'server/backup.ts', imports: ['orchestrator', 'store', 'settings', 'system'] },
  { files: 'server/transfer.ts', imports: ['orchestrator', 'store', 'settings', 'system'] },
  // As these: it seals everything in it anew.
  { files: 'server/secrets.ts', imports: ['orchestrator', 'store', 'settings', 'system'] },
  { files: 'server/writer/*', imports: ['orchestrator', 'store', 'settings', 'system'] },
  // The command's one place where its process is touched: everything else of it gets a `World`.
  // What it prints is looked through for secrets.
  { files: 'cli/world.ts', imports: ['system', 'engine/secret-mask.ts'] },
  { files: 'cli/follow-run.ts', imports: ['engine/secret-mask.ts'] },
  // The command runs and shows what users wrote: it loads their files and reads what was stored for them.
  // A version of a deployment says which commit it is of.
  { files: 'cli/commands/deploy.ts', imports: ['system/git.ts'] },
  // The files of a project as workers unpack them, where a deployment keeps its code in a storage.
  { files: 'cli/project-archive.ts', imports: ['system/git.ts', 'worker/code/archive.ts'] },
  { files: 'cli/flow-file.ts', imports: ['engine/entrypoint.ts'] },
  { files: 'cli/block-file.ts', imports: ['engine/entrypoint.ts'] },
  { files: 'cli/project-file.ts', imports: ['engine/entrypoint.ts'] },
  // Its way to the server that keeps deployments, pools and workers.
  { files: 'cli/server.ts', imports: ['client', 'system'] },
  { files: 'cli/parameters.ts', imports: ['engine/parameters-schema.ts'] },
  { files: 'cli/stored-values.ts', imports: ['engine/outcome.ts', 'engine/stored-error.ts'] },
  // Programs of their own, each on its own thread.
  { files: 'engine/beat/*', imports: ['client', 'store', 'orchestrator', 'settings', 'system'] },
  { files: 'engine/threads/*', imports: ['store', 'orchestrator', 'settings', 'system'] },
  // The bundler is heavy: one folder knows it, and loads it only when a flow file has changed.
  { files: 'engine/entrypoint/*', packages: ['esbuild'] },
]

/** The public doors: they re-export from one room. */
export const doors: Readonly<Record<string, readonly string[]>> = { 'index.ts': ['sdk', 'core', 'engine'] }

/** The rooms that may not read the world at all: same arguments, same answer. */
export const pureRooms: readonly string[] = ['core', 'api']

/** What only `system/` may touch, as `object.member` or a bare name; everyone else is handed a clock, ids, random, a log. */
export const worldly: readonly string[] = [
  'Date.now',
  'new Date()',
  'Date()',
  'Math.random',
  'performance',
  'crypto',
  'process.env',
  'process.hrtime',
  'process.emitWarning',
  'console',
  'setTimeout',
  'setInterval',
  'setImmediate',
]

/** Exports of Node's modules that are the same by another name; `*` stands for the whole module. */
export const worldlyImports: Readonly<Record<string, readonly string[]>> = {
  'node:timers': ['*'],
  'node:timers/promises': ['*'],
  'node:perf_hooks': ['*'],
  'node:process': ['*'],
  'node:console': ['*'],
  'node:crypto': ['randomUUID', 'randomBytes', 'randomInt', 'randomFillSync', 'randomFill', 'getRandomValues', 'webcrypto', 'default'],
}

/** In `pureRooms` also these. */
export const impure: readonly string[] = ['process', 'fetch', 'WebSocket', 'navigator', 'globalThis']

/** Where a worldly name is right all the same, with the reason. */
export const worldlyAllowances: readonly { readonly files: string; readonly names: readonly string[]; readonly why: string }[] = [
  {
    files: 'engine/*',
    names: ['setImmediate'],
    why: 'the journal and the delivery of results work by turns of the event loop, not by time',
  },
]
