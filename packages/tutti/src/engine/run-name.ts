import { TuttiError } from '../core/errors.ts'

/**
 * The name a `runName` function gave: TypeScript asks for text, JavaScript does not, and a name that cannot be stored would end the run.
 *
 * @param what - whose function it is: `task load`.
 */
export function givenName(name: unknown, what: string): string {
  if (typeof name === 'string') return name
  const given = name instanceof Promise ? 'a promise' : name === null ? 'null' : `a value of type ${typeof name}`
  throw new TuttiError('INVALID_OPTION', `runName of ${what} gave ${given}; it has to return text`)
}
