// Tells a webhook how a run ended. Slack, Mattermost and many others take `{ text }`.
import { isTuttiError, log, Secret } from 'tutti'
import type { FlowHookContext } from 'tutti'

/** Its address is a secret: whoever knows it can write there. A run whose parameters name none tells nobody. */
export async function notifyOf({ flowName, name, state, parameters }: FlowHookContext): Promise<void> {
  const { notify } = parameters as { readonly notify?: string } // validated by the flow
  if (notify === undefined) return
  const { rows } = (state.result ?? {}) as { readonly rows?: number } // what the flow returns
  const text = state.isCompleted ? `✅ ${flowName} ${name}: ${rows} rows` : `❌ ${flowName} ${name} ${state.name}: ${state.message ?? ''}`
  try {
    const address = await Secret.load(notify)
    const response = await fetch(address.reveal(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text }),
      signal: AbortSignal.timeout(10_000),
    })
    if (!response.ok) log.warn(`the webhook ${notify} answered ${response.status}`)
  } catch (error) {
    log.warn(isTuttiError(error, 'BLOCK_NOT_FOUND') ? `there is no secret ${notify} to notify` : `the webhook ${notify} was not reached`)
  }
}
