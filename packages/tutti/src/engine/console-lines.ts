import { format } from 'node:util'
import { currentContext } from './context.ts'
import { logOf } from './run-access.ts'
import { maskSecrets } from './secret-mask.ts'

/**
 * What becomes of a line on the console of a run: of a flow that asked for it the line goes to the log of the run or task run it was printed
 * in, of others it is printed, with asterisks where it holds a secret. Code that is in no run prints what it likes.
 */
export function consoleLine(level: number, args: readonly unknown[]): boolean | string {
  const context = currentContext()
  if (context === undefined) return false
  if (context.active.definition.captureConsole) {
    logOf(context).at(level, 'console', ...args)
    return true
  }
  const text = format(...args)
  const masked = maskSecrets(text)
  return masked === text ? false : masked
}
