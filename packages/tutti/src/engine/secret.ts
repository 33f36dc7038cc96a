import { HiddenText } from '../core/secret.ts'
import { registerSecret } from './secret-mask.ts'

/**
 * A value that is shown to nobody who does not ask for it: as text, as JSON and on the console it is eight asterisks, and a copy of it for
 * another thread fails. Whatever runs of this process write from now on has asterisks in place of the value, wherever it comes from.
 *
 * Hand it on as it is, and call `reveal()` where the value is used.
 *
 * @example
 * const token = new Secret(process.env.API_TOKEN)
 * await fetch(url, { headers: { authorization: `Bearer ${token.reveal()}` } })
 */
export class Secret extends HiddenText {
  constructor(value: string) {
    super(value)
    registerSecret(value)
  }
}
