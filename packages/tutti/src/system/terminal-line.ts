/** Prints a log line of code that is in no run. */
export function printOutsideRun(level: 'debug' | 'info' | 'warn' | 'error', args: readonly unknown[]): void {
  console[level](...args)
}
