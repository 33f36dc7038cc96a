import { TuttiError } from './errors.ts'

/** Owners and keys of stored results become names of files and parts of addresses: nothing in them may lead anywhere else. */
export function resultName(text: string): string {
  if (!/^[\w-][\w.-]*$/.test(text)) throw new TuttiError('INVALID_OPTION', `${JSON.stringify(text)} cannot be the name of a stored result`)
  return text
}
