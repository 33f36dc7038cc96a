import { artifact, flow, task } from 'tutti'

const countTrips = task({ name: 'count-trips' }, async (boroughs: readonly string[]) => {
  const progress = await artifact.progress({ key: 'trips-counted', description: 'Boroughs that are counted' })
  const rows: { borough: string; trips: number }[] = []
  for (const [at, borough] of boroughs.entries()) {
    rows.push({ borough, trips: borough.length * 1_000 })
    await progress.update((100 * (at + 1)) / boroughs.length)
  }
  return rows
})

export const report = flow({ name: 'trips-report' }, async (boroughs: readonly string[]) => {
  const rows = await countTrips(boroughs)
  const trips = rows.reduce((sum, row) => sum + row.trips, 0)
  await artifact.table({ key: 'trips-by-borough', rows })
  await artifact.markdown({ key: 'trips-report', text: `# Trips\n\n**${trips}** in ${rows.length} boroughs.` })
  return trips
})

if (import.meta.main) console.log(await report(['Manhattan', 'Queens']))
