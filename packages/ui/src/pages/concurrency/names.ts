/** Limits that deployments and tags make for themselves are changed where they belong. */
export function isOwnedBySystem(name: string): boolean {
  return name.startsWith('deployment:') || name.startsWith('tag:')
}

/** A number of slots as somebody types it; `undefined` when it is none. */
export function readSlots(text: string, min = 0): number | undefined {
  const value = Number(text.trim())
  return text.trim() !== '' && Number.isSafeInteger(value) && value >= min ? value : undefined
}
