export interface BackfillDay {
  /** `2026-01-31`, in the zone that was asked for. */
  readonly day: string
  readonly times: number
  /** Of them there is a run that completed, or one under way. */
  readonly done: number
  /** Of them a run would be made. */
  readonly wanted: number
}

/** What a backfill would do, day by day. */
export function backfillDays(
  plan: { readonly all: readonly string[]; readonly wanted: readonly string[]; readonly missing: readonly string[] },
  zone: string | undefined,
): readonly BackfillDay[] {
  const format = new Intl.DateTimeFormat('sv', {
    ...(zone === undefined ? undefined : { timeZone: zone }),
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  const wanted = new Set(plan.wanted)
  const missing = new Set(plan.missing)
  const days = new Map<string, BackfillDay>()
  for (const time of plan.all.toSorted()) {
    const day = format.format(new Date(time))
    const before = days.get(day) ?? { day, times: 0, done: 0, wanted: 0 }
    days.set(day, {
      day,
      times: before.times + 1,
      done: before.done + (missing.has(time) ? 0 : 1),
      wanted: before.wanted + (wanted.has(time) ? 1 : 0),
    })
  }
  return [...days.values()]
}
