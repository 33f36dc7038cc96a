import { defineCommand, jsonOption } from '../command.ts'
import { withTutti } from '../connection.ts'
import { printFields, printJson } from '../print.ts'

export const info = defineCommand({
  arguments: {},
  options: { json: jsonOption },
  examples: [],
  run: (world, { options }) =>
    withTutti(world, async ({ orchestrator, home }) => {
      const facts = await orchestrator.maintenance.info()
      if (options.json) {
        printJson(world.output, { home, ...facts })
        return 0
      }
      printFields(world.output, [
        ['Database', facts.location],
        ['Kind', facts.dialect],
        ['Schema', `version ${facts.schemaVersion}`],
        ['Size', formatBytes(facts.sizeBytes)],
        ...Object.entries(facts.rows).map(([table, rows]) => [table, rows.toLocaleString('en')] as const),
        ...Object.entries(facts.settings),
      ])
      return 0
    }),
})

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

export function formatBytes(bytes: number): string {
  let amount = bytes
  let unit = 0
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024
    unit += 1
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${UNITS[unit]}`
}
