import type { Task } from './segments.ts'

/** Which task run a key leads to, in the order in which the view shows them; `undefined`: the key does something else. */
export function walk(key: string, order: readonly Task[], at: number): Task | undefined {
  switch (key) {
    case 'ArrowDown':
      return order[Math.min(order.length - 1, at + 1)]
    case 'ArrowUp':
      return order[at < 0 ? order.length - 1 : Math.max(0, at - 1)]
    case 'PageDown':
      return order[Math.min(order.length - 1, Math.max(0, at) + 20)]
    case 'PageUp':
      return order[Math.max(0, at - 20)]
    case 'Home':
      return order[0]
    case 'End':
      return order.at(-1)
    default:
      return undefined
  }
}
