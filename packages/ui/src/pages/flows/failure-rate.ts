/** Of runs that ended by themselves; `undefined`: none has. */
export function failureRate(runs: readonly { readonly state_type: string }[]): number | undefined {
  const failed = runs.filter(({ state_type: type }) => type === 'FAILED' || type === 'CRASHED').length
  const ended = failed + runs.filter(({ state_type: type }) => type === 'COMPLETED').length
  return ended === 0 ? undefined : failed / ended
}
