/** The command line itself is wrong; the exit code is 2. */
export class UsageError extends Error {
  /** What to do instead, a whole sentence. */
  readonly fix: string | undefined

  constructor(message: string, fix?: string) {
    super(message)
    this.name = 'UsageError'
    this.fix = fix
  }
}
