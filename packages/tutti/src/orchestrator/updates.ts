/** Changed fields as the wire names them, each with what it was and what it is. */
export type Updates = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>

/** Which of the fields differ; they are compared as the wire would show them. */
export function updatesOf(before: Readonly<Record<string, unknown>>, now: Readonly<Record<string, unknown>>): Updates {
  const changed = Object.entries(now).filter(([field, to]) => JSON.stringify(before[field]) !== JSON.stringify(to))
  return Object.fromEntries(changed.map(([field, to]) => [field, { from: before[field], to }]))
}

/** What an event tells of a change. */
export function updatesPayload(updates: Updates): { readonly updated_fields: readonly string[]; readonly updates: Updates } {
  return { updated_fields: Object.keys(updates), updates }
}
