import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { z } from 'zod'
import { FlightsParameters } from './flow.ts'

export const help = `npm run demo -- [options]

  --months 2001-01,2001-02   months to load (default: all six)
  --airports ATL,ORD         airports of the report (default: the ten busiest)
  --crash                    kill the process half-way with SIGKILL, then resume the run
  --seed N                   which requests the source fails (default: 1)
  --slow MS                  how long the source thinks before each answer (default: 0)
  --flights FILE             another Parquet file for the source to serve
  --keep DIR                 put everything into this new folder and leave it there
  --json                     print one JSON document and nothing else
  --look DIR                 run nothing: show the run of an earlier demo in the dashboard
  --no-look                  do not show the run at the end`

const Choice = FlightsParameters.pick({ months: true, airports: true })

export interface DemoOptions extends z.output<typeof Choice> {
  readonly crash: boolean
  readonly seed: number
  readonly slowMs: number
  readonly flights: string | undefined
  readonly keep: string | undefined
  readonly json: boolean
  /** The folder of an earlier demo to show. */
  readonly look: string | undefined
  /** Whether the run is shown at the end, where somebody sits in front of it. */
  readonly showAtEnd: boolean
}

/** Reads what was typed after `--`. Throws a sentence, or zod's issues for months and airports. */
export function readOptions(args: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      months: { type: 'string' },
      airports: { type: 'string' },
      crash: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      slow: { type: 'string', default: '0' },
      flights: { type: 'string' },
      keep: { type: 'string' },
      json: { type: 'boolean', default: false },
      look: { type: 'string' },
      'no-look': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  return {
    ...Choice.parse({ months: list(values.months), airports: list(values.airports?.toUpperCase()) }),
    crash: values.crash,
    seed: wholeNumber('--seed', values.seed),
    slowMs: wholeNumber('--slow', values.slow),
    flights: values.flights && resolve(values.flights),
    keep: values.keep && resolve(values.keep),
    json: values.json,
    look: values.look && resolve(values.look),
    showAtEnd: !values['no-look'] && !values.json,
  }
}

function list(text: string | undefined): readonly string[] | undefined {
  return text?.split(',').map((item) => item.trim())
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0 || text.trim() === '') throw new Error(`${option} takes a whole number, not ${text}`)
  return value
}
