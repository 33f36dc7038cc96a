import { isTuttiError, TuttiError } from '../../core/errors.ts'
import type { PreparedCode } from './prepare-code.ts'

/** What loading a file throws, in the words of whoever deployed it rather than of the folder that it was fetched to. */
const LOADING = ['ENTRYPOINT_NOT_FOUND', 'ENTRYPOINT_FAILED', 'FLOW_NOT_FOUND', 'FLOW_AMBIGUOUS'] as const

/**
 * An error of loading a flow, with the repository and the commit of its file; an import of a package that is not installed becomes
 * `CODE_DEPENDENCY_MISSING`. Other errors pass as they are.
 */
export function inCode(error: unknown, { folder, place, commit }: Pick<PreparedCode, 'folder' | 'place' | 'commit'>): unknown {
  const code = LOADING.find((each) => isTuttiError(error, each))
  if (!isTuttiError(error) || code === undefined) return error
  const where = commit === null ? `in the folder ${place}` : `in ${place}`
  const message = `${error.message.replaceAll(`${folder}/`, '')} (${where})`
  const missing = code === 'ENTRYPOINT_FAILED' ? /Cannot find package '([^']+)'/.exec(message)?.[1] : undefined
  if (missing === undefined) return new TuttiError(code, message, { cause: error })
  return new TuttiError('CODE_DEPENDENCY_MISSING', `the package ${packageName(missing)} is not installed: ${message}`, { cause: error })
}

/** Node names the place where a package should have been, or the package. */
function packageName(found: string): string {
  const name = found.split('/node_modules/').at(-1) ?? found
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}
