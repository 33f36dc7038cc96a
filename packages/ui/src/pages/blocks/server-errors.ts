// What the server finds wrong with a block, at the place where the form shows it.
import { isTuttiError } from 'tutti/client'
import { messageOf } from '../../errors.ts'

export interface BlockErrors {
  readonly name?: string
  /** By JSON pointer. */
  readonly fields: Readonly<Record<string, string>>
}

const AT_MEMBER = /the member (\S+) refers to/
const AT_NAME = /body\.name: ([^;]+)/

/** `undefined` for trouble that is of no field. */
export function errorsOfRefusal(error: unknown): BlockErrors | undefined {
  if (!isTuttiError(error)) return undefined
  const message = messageOf(error)
  if (isTuttiError(error, 'ALREADY_EXISTS'))
    return { name: 'There is a block of this type and name already. Choose another name.', fields: {} }
  const name = AT_NAME.exec(message)?.[1]
  if (name !== undefined) return { name, fields: {} }
  const member = AT_MEMBER.exec(message)?.[1]
  if (member === undefined) return undefined
  return {
    fields: {
      [`/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`]:
        'This block cannot be used here: it is gone, or it holds the block that is edited.',
    },
  }
}

const NAME = /^[a-z0-9-]+$/
const NAME_MAX = 255

export function nameProblem(name: string): string | undefined {
  if (name === '') return 'Give it a name: code loads it by this.'
  if (name.length > NAME_MAX) return `A name has at most ${NAME_MAX} characters.`
  return NAME.test(name) ? undefined : 'Lowercase letters, numbers and dashes only.'
}
