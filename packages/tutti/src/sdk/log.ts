import { currentContext } from '../engine/context.ts'
import type { RunLog } from '../engine/log.ts'
import { logOf } from '../engine/run-access.ts'
import { printOutsideRun } from '../system/terminal-line.ts'

function write(level: 'debug' | 'info' | 'warn' | 'error'): (...args: readonly unknown[]) => void {
  return (...args) => {
    const context = currentContext()
    if (context === undefined) printOutsideRun(level, args)
    else logOf(context)[level](...args)
  }
}

/** The log of the run this code is in; outside of a run it goes to the terminal. */
export const log: Omit<RunLog, 'at'> = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
