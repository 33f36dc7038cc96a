/** What a reporter needs of the place it writes to. */
export interface Screen {
  /** What programs read: JSON lines. */
  out(text: string): void
  /** What people read, beside the user's own output. */
  err(text: string): void
  /** Whether text can be painted over: a terminal. */
  readonly live: boolean
  readonly columns: number
  readonly colours: boolean
  /** Calls back before anybody else writes to the same terminal, with whether that leaves the cursor at the start of a line; until the returned function is called. */
  watch(before: () => void, after: (atLineStart: boolean) => void): () => void
}

const COLUMNS = 80

/** The terminal of this process. */
export function processScreen(environment: Readonly<Record<string, string | undefined>>): Screen {
  const { stdout, stderr } = process
  let own = false
  const write = (stream: NodeJS.WriteStream, text: string): void => {
    own = true
    try {
      stream.write(text)
    } finally {
      own = false
    }
  }
  for (const stream of [stdout, stderr]) if (!stream.listeners('error').includes(forgetBrokenPipe)) stream.on('error', forgetBrokenPipe)

  return {
    out: (text) => write(stdout, text),
    err: (text) => write(stderr, text),
    live: stderr.isTTY === true && environment['TERM'] !== 'dumb',
    get columns() {
      // Some terminals say 0 when they do not know.
      return stderr.columns > 0 ? stderr.columns : COLUMNS
    },
    colours: hasColours(stderr.isTTY === true, environment),
    watch(before, after) {
      const restore = [stdout, stderr].filter((stream) => stream.isTTY).map((stream) => watchStream(stream, () => own, before, after))
      const onExit = (): void => before()
      process.on('exit', onExit)
      return () => {
        process.off('exit', onExit)
        for (const undo of restore) undo()
      }
    },
  }
}

/** A reader that went away (`| head`) must not end the run. */
function forgetBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

function watchStream(
  stream: NodeJS.WriteStream,
  isOwn: () => boolean,
  before: () => void,
  after: (atLineStart: boolean) => void,
): () => void {
  const original = stream.write
  stream.write = function write(this: NodeJS.WriteStream, ...args: Parameters<typeof original>): boolean {
    if (isOwn()) return original.apply(this, args)
    before()
    const [chunk] = args as readonly unknown[] // text or bytes
    const result = original.apply(this, args)
    after(endsLine(chunk))
    return result
  } as typeof original // the overloads differ in optional arguments only
  return () => {
    stream.write = original
  }
}

function endsLine(chunk: unknown): boolean {
  return typeof chunk === 'string' ? chunk.endsWith('\n') : chunk instanceof Uint8Array && chunk.at(-1) === 10
}

/** NO_COLOR and FORCE_COLOR as everybody reads them (no-color.org, force-color.org). */
export function hasColours(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: term } = environment
  if (no !== undefined && no !== '') return false
  if (force !== undefined && force !== '') return force !== '0'
  return isTerminal && term !== 'dumb'
}
