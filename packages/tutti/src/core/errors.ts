/**
 * Every error a user may meet: a permanent code, the status the wire gives it and the next step to take.
 * The reference page of errors is generated from this catalog.
 */
export const catalog = {
  FLOW_RUN_NOT_FOUND: { status: 404, fix: 'Check the id with `tutti flow-run ls`; finished runs are kept for the retention period only.' },
  TASK_RUN_NOT_FOUND: { status: 404, fix: 'List the task runs of a flow run with `tutti task-run ls --flow-run ID`.' },
  TRANSITION_REJECTED: {
    status: 409,
    fix: 'See where the run stands with `tutti flow-run inspect ID`; another process or a person may have moved it first.',
  },
  FENCED: { status: 409, fix: 'Nothing to do here: the attempt that took the run over goes on with it.' },
  STORE_BUSY: { status: 503, fix: 'End or continue the process that holds the lock, or wait and try again.' },
  STORE_UNREACHABLE: {
    status: 503,
    fix: 'Start the database, or correct its address in TUTTI_DATABASE_URL; TUTTI_STORE_BUSY_TIMEOUT says how long it is waited for.',
  },
  STORE_ADDRESS_WRONG: {
    status: 500,
    fix: 'Correct TUTTI_DATABASE_URL: host, user, password and database must be known to the server; `createdb` makes a database.',
  },
  STORE_FAILED: { status: 500, fix: 'Look at what the database said; free disk space or repair access to it, then resume the run.' },
  STORE_REFUSED: { status: 422, fix: 'Look at the cause: the database refused this one record, usually because it is too large.' },
  TRANSFER_REFUSED: {
    status: 409,
    fix: 'Stop every server and flow that writes here, take an empty database as the target, and run the transfer again.',
  },
  STORE_TOO_NEW: { status: 500, fix: 'Upgrade tutti, or point TUTTI_HOME or TUTTI_DATABASE_URL at another database.' },
  NOT_FOR_POSTGRES: { status: 422, fix: "Use PostgreSQL's own tools: pg_dump copies a database, dropdb deletes one." },
  FILE_EXISTS: { status: 409, fix: 'Give the path of a file that is not there yet.' },
  RESULT_MISSING: {
    status: 404,
    fix: 'The result file is gone from the results folder: put it back from a backup, or call the flow again for a new run.',
  },
  INVALID_DURATION: { status: 422, fix: 'Write milliseconds as a number, or text such as `250ms`, `5s`, `1.5m`, `1h30m`, `1d` or `PT5S`.' },
  NEEDS_SERVER: {
    status: 503,
    fix: 'Start one with `tutti server start`, or say where it is with TUTTI_API_URL.',
  },
  INVALID_SCHEDULE: {
    status: 422,
    fix: 'Correct what the message names; `tutti schedule preview` shows what a schedule means.',
  },
  INVALID_CALENDAR: { status: 422, fix: 'Give a file that a calendar program has exported (.ics) with events that last whole days.' },
  INVALID_RETRY: {
    status: 422,
    fix: 'Give a duration, a list of durations, `exponential(base, { factor, max, jitter })` or a function that answers with a duration.',
  },
  INVALID_CACHE: {
    status: 422,
    fix: 'Give `by` one or more of inputs, task-source, flow-parameters, run, or a function that answers with the key as text.',
  },
  CACHE_KEY_TOO_LONG: { status: 422, fix: 'Let the cache function answer with a shorter text, for example a hash of the long one.' },
  INVALID_PARAMETERS: { status: 422, fix: 'Correct the parameters named above and call the flow again; nothing was run.' },
  RESULT_NOT_SERIALISABLE: {
    status: 422,
    fix: 'Return plain data, teach the class to `registerClass`, or leave out `persist: required` to keep the result in memory only.',
  },
  RESULT_ELSEWHERE: {
    status: 404,
    fix: 'Read it from the address that the message names, or through its flow, whose `results.storage` knows how.',
  },
  RESULT_STORAGE_FAILED: {
    status: 502,
    fix: 'Repair the access to the storage that the flow names in `results.storage`, then run it again.',
  },
  RESULT_TOO_LARGE: { status: 413, fix: 'Write the data to a file or a bucket inside the task and return its path.' },
  CLASS_NAME_TAKEN: { status: 422, fix: 'Give one of the two classes another name: `registerClass(Class, { name, toData, fromData })`.' },
  CLASS_UNKNOWN: { status: 422, fix: 'Import the module that calls `registerClass` for this class before the run is resumed or read.' },
  NOT_IN_A_RUN: { status: 400, fix: 'Call it inside the function of a flow or task.' },
  INVALID_ARTIFACT: { status: 422, fix: 'Give the artifact what the message asks for: a key is like `daily-report`.' },
  BLOCK_NOT_FOUND: {
    status: 404,
    fix: 'See the blocks there are with `tutti block ls`; a block is made with `tutti block create`, on the dashboard or by `save()` of its type.',
  },
  BLOCK_TYPE_NOT_FOUND: {
    status: 404,
    fix: 'See the types there are with `tutti block type ls`; those of a file are made known with `tutti block register FILE`.',
  },
  INVALID_BLOCK: { status: 422, fix: 'Correct what is named above; nothing was saved.' },
  VARIABLE_NOT_FOUND: {
    status: 404,
    fix: 'See the variables there are with `tutti variable ls`; `tutti variable set NAME VALUE` makes one.',
  },
  INVALID_VARIABLE: { status: 422, fix: 'Give the variable what the message asks for: a name is like `page-size`, a value is JSON.' },
  INVALID_OPTION: { status: 400, fix: 'Change the option named in the message.' },
  RUN_ENDED: { status: 409, fix: 'Await every call inside the flow, so that it ends before the flow does.' },
  RUN_CANCELLED: { status: 409, fix: 'Nothing to mend: somebody cancelled the run. Continue it with `tutti flow-run resume ID`.' },
  FLOW_RUN_FAILED: {
    status: 409,
    fix: 'Look at the failed task runs with `tutti flow-run inspect ID`, then run them again with `tutti flow-run retry ID`.',
  },
  FLOW_TIMED_OUT: { status: 408, fix: 'Give the flow a longer `timeout`, or make it do less in one run.' },
  TASK_TIMED_OUT: { status: 408, fix: 'Give the task a longer `timeout`, or hand `run().signal` to what it waits for and retry it.' },
  WAIT_TIMED_OUT: {
    status: 408,
    fix: 'Give the wait a longer `timeout`, or catch the error where it is awaited and go on without what it waited for.',
  },
  WAIT_IN_TASK: { status: 400, fix: 'Wait in the body of the flow, between its tasks.' },
  NOT_WAITING: { status: 409, fix: 'See where the run stands with `tutti flow-run inspect ID`.' },
  INVALID_INPUT: { status: 422, fix: 'See what the run waits for with `tutti flow-run inspect ID`, correct the input and give it again.' },
  RUN_SUSPENDED: {
    status: 409,
    fix: 'Nothing to mend: the run waits without a process and a worker of its deployment goes on with it. See it with `tutti flow-run inspect ID`.',
  },
  TASK_CANCELLED: {
    status: 409,
    fix: 'Nothing to mend: the task decided to end as Cancelled. Catch it where the task is awaited if the flow should go on.',
  },
  UPSTREAM_FAILED: { status: 409, fix: 'Mend the task named as the cause, or take its failure with `allowFailure(future)`.' },
  MAP_FAILED: { status: 409, fix: 'Read `error.results` for each call, or use `.settled()` to go on with those that completed.' },
  MAP_LENGTHS_DIFFER: {
    status: 400,
    fix: 'Give lists of one length, or wrap an argument that is the same for every item with `unmapped(…)`.',
  },
  TASK_CALL_CHANGED: {
    status: 409,
    fix: "Start a new run, restore the arguments, or set the task's `onChange` to 'warn' if running it again is right.",
  },
  RESULT_NOT_KEPT: { status: 404, fix: 'Call the flow again for a new run, or return data that can be stored.' },
  INVALID_CURSOR: {
    status: 422,
    fix: 'Pass the cursor of the page before exactly as it was printed, or leave it out to begin at the start.',
  },
  WRONG_FLOW: { status: 409, fix: 'Resume the run with the flow that made it; `tutti flow-run inspect ID` names it.' },
  HOME_UNUSABLE: { status: 500, fix: 'Point TUTTI_HOME at a folder that you may write to.' },
  INVALID_SETTING: { status: 422, fix: 'See every setting, its value and where it comes from with `tutti config view`.' },
  ENTRYPOINT_NOT_FOUND: {
    status: 404,
    fix: 'Give the path of a TypeScript or JavaScript file, as in `tutti run flow.ts` or `tutti run flow.ts:name`.',
  },
  ENTRYPOINT_FAILED: { status: 422, fix: 'Mend the place named above; a package that cannot be found is added with `npm install NAME`.' },
  CONFIG_NOT_FOUND: {
    status: 404,
    fix: 'Write a `tutti.config.ts` with `export default defineConfig({ deployments: […] })`, or name the file with --config.',
  },
  FLOW_NOT_FOUND: {
    status: 404,
    fix: 'Name one of the exported flows, or export the one you mean: `export const sync = flow({ name: "sync" }, …)`.',
  },
  FLOW_AMBIGUOUS: { status: 409, fix: 'Name the one you mean behind a colon, as in `flow.ts:name`.' },
  ENTRYPOINT_UNKNOWN: { status: 422, fix: 'Name the file that exports the flow: `tutti flow-run resume ID --file flow.ts`.' },
  RERUN_REFUSED: {
    status: 409,
    fix: 'See what can be reused with `tutti flow-run rerun ID --plan`, and the task runs with `tutti task-run ls --flow-run ID`.',
  },
  NOTHING_TO_RESUME: {
    status: 404,
    fix: 'See all runs with `tutti flow-run ls`; a failed run goes on with `tutti flow-run retry ID`.',
  },
  THREAD_EXPORT_NOT_FOUND: { status: 404, fix: 'Export a plain function under that name from the module given to `inThread`.' },
  THREAD_ARGUMENT_NOT_CLONEABLE: {
    status: 422,
    fix: 'Pass plain data, Map, Set, Date, typed arrays or errors to a thread, and make everything else inside it.',
  },
  THREAD_RESULT_NOT_CLONEABLE: {
    status: 422,
    fix: 'Return plain data, Map, Set, Date, typed arrays or errors from the function that runs in a thread.',
  },
  THREAD_CRASHED: {
    status: 500,
    fix: 'Read the cause; give the task `retries` if it may happen again, or less data at once if its memory ran out.',
  },
  REPLAY_NOT_CHECKED: {
    status: 409,
    fix: 'Look at the cause: the flow must be able to run to its end, well or not, before it can be run again.',
  },
  TEST_CLOSED: {
    status: 409,
    fix: 'Await what `tutti.run()` returns before the test ends; with `await using` write `return await`, not `return`.',
  },
  NOT_FOUND: { status: 404, fix: 'Check the id or name; what was deleted or is past keeping is gone.' },
  ALREADY_EXISTS: {
    status: 409,
    fix: 'Choose another name, or change what is there: with `--overwrite` where a command has it, with `overwrite: true` in code.',
  },
  INVALID_REQUEST: { status: 422, fix: 'Correct what the message names and send the request again; nothing was changed.' },
  BAD_REQUEST: { status: 400, fix: 'Correct what the message names and send the request again; nothing was changed.' },
  CONFLICT: { status: 409, fix: 'Read the object again and repeat the change on what is there now.' },
  FORBIDDEN: { status: 403, fix: 'This may not be changed; make one of your own instead.' },
  UNAUTHORIZED: {
    status: 401,
    fix: 'Give the auth string of the server: `TUTTI_API_AUTH_STRING` or `PREFECT_API_AUTH_STRING`, or a key as `TUTTI_API_KEY`.',
  },
  HOST_REFUSED: { status: 403, fix: 'Use the address that the server was started with, or name this host in TUTTI_SERVER_HOSTS.' },
  ORIGIN_REFUSED: { status: 403, fix: 'Name the address of the page in TUTTI_SERVER_ORIGINS if it may change things on this server.' },
  UNPROTECTED: {
    status: 400,
    fix: 'Set TUTTI_API_AUTH_STRING to a `user:password`, or pass --unprotected if everybody who reaches this address may do everything.',
  },
  SERVER_RUNNING: { status: 409, fix: 'Use that server, stop it with `tutti server stop`, or give this one a TUTTI_HOME of its own.' },
  SECRETS_LOCKED: {
    status: 500,
    fix: 'Give the server the key that sealed them: TUTTI_ENCRYPTION_KEY (or _KEY_COMMAND, _OTHER_KEYS), or `secret.key` of the home they were saved in. `tutti secrets status` names the keys. Secrets whose key is lost have to be saved anew.',
  },
  KEY_COMMAND_FAILED: {
    status: 500,
    fix: 'Run the command of TUTTI_ENCRYPTION_KEY_COMMAND by hand, as the user of the server: it has to print the key in a line of its own, and end.',
  },
  KEY_ON_ONE_MACHINE: {
    status: 409,
    fix: 'Move the key into the settings of all machines (TUTTI_ENCRYPTION_KEY), and rotate then. If no other machine uses the database: `tutti secrets rotate --only-machine`.',
  },
  KEYS_NEEDED: {
    status: 409,
    fix: 'Seal everything anew with `tutti secrets rotate` first, with every key at hand that `tutti secrets status` names.',
  },
  SECRET_UNRESOLVED: {
    status: 422,
    fix: 'Give the process that loads the block what the reference names: `env:NAME` a variable of its environment, `file:/path` a file it may read.',
  },
  SECRET_IN_PARAMETERS: {
    status: 422,
    fix: 'Hand over the name of a block and load it where it is needed: `await Secret.load(name)`. What is handed over is kept with the run, for everybody to see.',
  },
  LEASE_GONE: { status: 410, fix: 'Take the slots again: the lease expired and they were given back.' },
  SLOT_IN_USE: { status: 409, fix: 'Cancel the run with `tutti flow-run cancel ID`: its slot is given back when it has ended.' },
  SLOTS_TAKEN: { status: 423, fix: 'Wait as long as the header `Retry-After` says and try again, or raise the limit.' },
  NOT_IMPLEMENTED: { status: 501, fix: 'This server does not offer the operation; `/docs/api` lists those it does.' },
  TOO_LARGE: { status: 413, fix: 'Send less in one request.' },
  OVERLOADED: { status: 429, fix: 'Wait as long as the header `Retry-After` says and send the request again.' },
  SERVER_UNREACHABLE: { status: 503, fix: 'Start the server with `tutti server start`, or correct TUTTI_API_URL.' },
  SERVER_REFUSED: { status: 502, fix: 'Look at the log of the server; if it is another version than this program, bring both to one.' },
  POOL_NOT_FOUND: { status: 404, fix: 'See `tutti work-pool ls`; with `--type process` the worker makes a pool that is missing.' },
  POOL_NOT_SERVED: { status: 409, fix: 'Name a work pool of type process, or start the worker that is made for the type of this one.' },
  JOB_UNUSABLE: {
    status: 409,
    fix: 'Correct the job variables of the deployment or the base job template of its work pool, and deploy again.',
  },
  ON_THE_SERVER: { status: 409, fix: 'Run the command on the machine of the server, with its TUTTI_HOME, while the server is stopped.' },
  PORT_TAKEN: {
    status: 500,
    fix: 'Name another port with --port, or stop what listens there; `tutti server status` tells of a server of this home.',
  },
  ADDRESS_UNUSABLE: {
    status: 500,
    fix: 'Give --host an address of this machine, as 127.0.0.1 or 0.0.0.0; ports below 1024 often need more rights than others.',
  },
  CODE_SOURCE_INVALID: {
    status: 422,
    fix: 'Correct what the message names where the deployment is defined, and deploy it again; `git({ … })` of tutti writes such a step.',
  },
  CODE_STEP_UNKNOWN: {
    status: 422,
    fix: 'Use `tutti.git`, or git_clone and set_working_directory of Prefect; deployments with other steps are for a Prefect worker.',
  },
  CODE_FOLDER_NOT_FOUND: {
    status: 404,
    fix: 'Correct the folder in the deployment; a folder of a machine must be there on every machine that has a worker.',
  },
  CODE_FILE_NOT_FOUND: {
    status: 404,
    fix: 'Correct the entrypoint of the deployment, or commit and push the file; paths begin at the folder that is named above.',
  },
  CODE_SECRET_MISSING: {
    status: 500,
    fix: 'Set the environment variable, or put the file in place, where the worker is started; then run it again.',
  },
  CODE_REPOSITORY_REFUSED: {
    status: 403,
    fix: 'Give the deployment a `token` or an `sshKey` that may read the repository; it may have expired, or be for another host.',
  },
  CODE_REPOSITORY_NOT_FOUND: {
    status: 404,
    fix: 'Correct the address of the repository; hosts also answer so when the token may not read it.',
  },
  CODE_REPOSITORY_MOVED: { status: 409, fix: 'Give the deployment the new address: a token is not sent on to where a redirect leads.' },
  CODE_REPOSITORY_UNREACHABLE: {
    status: 503,
    fix: 'Look whether the worker reaches the host of the repository: its name, the network, a proxy in HTTPS_PROXY; then run it again.',
  },
  CODE_REF_NOT_FOUND: { status: 404, fix: 'Correct the branch or tag in the deployment, or push it to the repository.' },
  CODE_COMMIT_NOT_FOUND: {
    status: 404,
    fix: 'Push the commit, or deploy one that is there; commits that no branch holds any more go away.',
  },
  CODE_ARCHIVE_MISSING: { status: 404, fix: 'Deploy again with `tutti deploy`, which puts the archive there.' },
  CODE_ARCHIVE_DAMAGED: { status: 422, fix: 'Remove the archive from its storage and deploy again with `tutti deploy`.' },
  CODE_ARCHIVE_TOO_LARGE: {
    status: 413,
    fix: 'Name what is not code in `.gitignore`; data belongs into a bucket, packages into package-lock.json.',
  },
  CODE_STORAGE_UNREACHABLE: {
    status: 502,
    fix: 'Look at the cause; for gs:// install `@tutti/gcp` beside tutti, and give the machine credentials that may read the bucket.',
  },
  CODE_TIMED_OUT: {
    status: 504,
    fix: 'Run it again; if the repository or its packages are very large, give TUTTI_CODE_TIMEOUT or TUTTI_CODE_INSTALL_TIMEOUT more time.',
  },
  CODE_GIT_FAILED: { status: 502, fix: 'Look at what git said; try the same address with git on the machine of the worker.' },
  CODE_PROGRAM_MISSING: { status: 500, fix: 'Install the program named above on the machine of the worker, where PATH finds it.' },
  CODE_LOCK_MISSING: {
    status: 422,
    fix: 'Run `npm install` there and commit the package-lock.json that it writes; `install: "never"` leaves packages out.',
  },
  CODE_LOCK_UNSUPPORTED: {
    status: 422,
    fix: 'Commit a package-lock.json beside it (`npm install --package-lock-only`); `install: "never"` leaves packages out.',
  },
  CODE_INSTALL_FAILED: {
    status: 422,
    fix: 'Look at what npm said; `npm ci` in a fresh clone shows the same. A package that needs its install script asks for `installScripts: true`.',
  },
  CODE_DEPENDENCY_MISSING: {
    status: 422,
    fix: 'Add the package with `npm install NAME`, and commit package.json and package-lock.json.',
  },
  CODE_STORAGE_FAILED: {
    status: 500,
    fix: 'Free disk space in TUTTI_HOME, or repair the access to it; the folder `code` in it may be deleted.',
  },
  THREAD_POOL_CLOSED: { status: 409, fix: 'Call it before the connection is closed.' },
} as const satisfies Record<string, { status: number; fix: string }>

export type ErrorCode = keyof typeof catalog

/** The code of an integration's error: the integration, a slash, what happened. None of Tutti's own codes has a slash. */
export type IntegrationErrorCode = `${string}/${string}`

/** An entry of an integration's own catalog of errors. Status and fix are kept with an error that is stored. */
export interface IntegrationError {
  readonly code: ErrorCode | IntegrationErrorCode
  readonly status: number
  readonly fix: string
}

/** An error of Tutti's own or of an integration, with a permanent `code` and a `fix` that says what to do next. */
export class TuttiError extends Error {
  readonly code: ErrorCode | IntegrationErrorCode
  readonly status: number
  readonly fix: string
  /** Seconds to wait before it is worth trying again. */
  readonly retryAfterS?: number

  /** @param kind - a code of the catalog above; of an integration the entry of its own. */
  constructor(kind: ErrorCode | IntegrationError, message: string, options?: { readonly cause?: unknown; readonly retryAfterS?: number }) {
    super(message, options)
    if (options?.retryAfterS !== undefined) this.retryAfterS = options.retryAfterS
    this.name = 'TuttiError'
    this.code = typeof kind === 'string' ? kind : kind.code
    const { status, fix } = typeof kind === 'string' ? catalog[kind] : kind
    this.status = status
    this.fix = fix
  }
}

export function isTuttiError(error: unknown, code?: ErrorCode | IntegrationErrorCode): error is TuttiError {
  return error instanceof TuttiError && (code === undefined || error.code === code)
}

/** Whether the code is one of the catalog above. */
export function isOwnCode(code: string): code is ErrorCode {
  return Object.hasOwn(catalog, code)
}
