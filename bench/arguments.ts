import path from 'node:path'
import { parseArgs } from 'node:util'

export interface BenchArguments {
  readonly json: boolean
  /** Names of workloads; none means all. */
  readonly only: readonly string[]
  readonly repeats: number
  readonly path: string
}

/** Fewer say little about the middle. */
const REPEATS_DEFAULT = 5
const REPEATS_MAX = 1_000
/** In the repository, because the folder for temporary files often lies in memory. */
const PATH_DEFAULT = path.join(import.meta.dirname, '..', '.cache', 'bench')

export function parseArguments(args: readonly string[], names: readonly string[]): BenchArguments | { readonly problem: string } {
  let values
  try {
    values = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        repeats: { type: 'string', default: String(REPEATS_DEFAULT) },
        path: { type: 'string', default: PATH_DEFAULT },
      },
    }).values
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
  const only = values.only.flatMap((text) => text.split(',')).map((name) => name.trim())
  const unknown = only.find((name) => !names.includes(name))
  if (unknown !== undefined) return { problem: `There is no workload named ${unknown}; there are: ${names.join(', ')}.` }
  const repeats = Number(values.repeats)
  if (!Number.isInteger(repeats) || repeats < 1 || repeats > REPEATS_MAX)
    return { problem: `--repeats takes a whole number from 1 to ${REPEATS_MAX}, not ${values.repeats}.` }
  return { json: values.json, only, repeats, path: values.path }
}
