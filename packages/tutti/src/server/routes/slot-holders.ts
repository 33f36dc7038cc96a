import { heldToWire, slotHolders } from '../../api/slot-holders.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'

export function mountSlotHolders(mount: Mount, { slotHolders: door }: ServerOrchestrator): void {
  mount(slotHolders.holders, async ({ query: { of, max } }) => heldToWire(await door.list(of, max)))
  mount(slotHolders.releaseHeld, async ({ body }) => ({ released: await door.release(body) }))
}
