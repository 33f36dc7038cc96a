import { TuttiError } from '../core/errors.ts'
import { isSecret } from '../core/secret.ts'
import { systemDefinition } from '../core/system-blocks.ts'
import { resolveSecret } from '../engine/secret-sources.ts'
import { Secret as KnownSecret } from '../engine/secret.ts'
import type { SaveOptions } from './block-type.ts'
import { blockNotFound, checkBlockName } from './block-names.ts'
import { engineHere } from './process-engine.ts'

/** The protocol's block type for one secret value. */
const SLUG = 'secret'

/**
 * A value that is shown to nobody who does not ask for it: as text, as JSON and on the console it is eight asterisks, and a copy of it for
 * another thread fails. Whatever runs of this process write from now on has asterisks in place of the value, wherever it comes from.
 *
 * Hand it on as it is, and call `reveal()` where the value is used.
 *
 * @example
 * await Secret.save('api-token', 'the token')      // once; or `tutti block create secret api-token`
 * const token = await Secret.load('api-token')
 * await fetch(url, { headers: { authorization: `Bearer ${token.reveal()}` } })
 */
export class Secret extends KnownSecret {
  /**
   * The secret that was saved under a name, looked up where it is kept when it was saved as a reference (`env:NAME`, `file:/path`). What
   * another client saved as something else than text is its JSON.
   *
   * @throws `BLOCK_NOT_FOUND`; `SECRET_UNRESOLVED` when what a reference names is not there.
   */
  static async load(name: string): Promise<Secret> {
    const { orchestrator } = await engineHere()
    const found = await orchestrator.blocks.find(SLUG, name, 'told')
    if (found === null) throw await blockNotFound(orchestrator, SLUG, name)
    const { value } = JSON.parse(found.data) as { readonly value?: unknown } // the data of a block is an object
    if (value === undefined) throw new TuttiError('INVALID_BLOCK', `the block ${SLUG}/${name} is not valid:\n- value: is missing`)
    return new Secret(typeof value === 'string' ? await resolveSecret(value) : JSON.stringify(value))
  }

  /**
   * Saves a secret, sealed. Text that begins with `env:`, `file:` or another known prefix says where the value is kept, and is saved as it is.
   *
   * @param name - lowercase letters, numbers and dashes.
   * @throws `ALREADY_EXISTS` without `overwrite`.
   */
  static async save(name: string, value: string | KnownSecret, { overwrite = false }: SaveOptions = {}): Promise<void> {
    checkBlockName(SLUG, name)
    const text: unknown = isSecret(value) ? value.reveal() : value
    if (typeof text !== 'string')
      throw new TuttiError('INVALID_BLOCK', `the block ${SLUG}/${name} is not valid:\n- value: is neither text nor a Secret`)
    const { orchestrator, ids } = await engineHere()
    const types = [systemDefinition(SLUG)!] // there is one
    await orchestrator.blocks.save({ id: ids.next(), slug: SLUG, name, data: JSON.stringify({ value: text }), types, overwrite })
  }

  /** Deletes a saved secret. `false`: there was none. */
  static async delete(name: string): Promise<boolean> {
    const { orchestrator } = await engineHere()
    return orchestrator.blocks.remove(SLUG, name)
  }
}
