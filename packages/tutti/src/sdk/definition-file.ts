import { fileURLToPath } from 'node:url'

/** The file that calls `callee`, as its author wrote it (source maps applied); `null` when the stack does not tell. */
export function definitionFile(callee: (...args: never[]) => unknown): string | null {
  const limit = Error.stackTraceLimit
  const place: { stack?: string } = {}
  Error.stackTraceLimit = 1
  Error.captureStackTrace(place, callee)
  Error.stackTraceLimit = limit
  const line = place.stack?.split('\n')[1] ?? ''
  const location = /\(?((?:file:\/\/)?\/?[^()]*?):\d+:\d+\)?$/.exec(line.trim().replace(/^at (?:async )?/, ''))?.[1]?.replace(/^.*\(/, '')
  if (location === undefined || location === '' || location.startsWith('node:')) return null
  return location.startsWith('file://') ? fileURLToPath(location) : location
}
