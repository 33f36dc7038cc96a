import { configPath, homeOf, readConfig, settingTexts } from '../../settings/load.ts'
import type { SettingSource, SettingText } from '../../settings/load.ts'
import { HOME, settings } from '../../settings/schema.ts'
import type { Setting, SettingName } from '../../settings/schema.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { settingNamed } from '../config-file.ts'
import { paint, printJson, printLine } from '../print.ts'
import { renderTable } from '../table.ts'
import type { Column } from '../table.ts'

const HIDDEN = '********'

export const view = defineCommand({
  arguments: { setting: { doc: 'only this one, with what it does', optional: true } },
  options: { json: jsonOption },
  examples: [{ command: 'tutti config view logLevel', doc: 'What one setting does' }],
  run: async (world, { arguments: { setting: only }, options }) => {
    const { environment, output } = world
    const home = homeOf(environment)
    const texts = settingTexts(
      environment,
      readConfig(home, (path) => world.readFile(path)),
    )
    const names = only === undefined ? (Object.keys(settings) as SettingName[]) : [settingNamed(only)] // the keys of the schema
    const rows = names.map((name) => rowOf(settings[name], texts[name]))
    if (options.json) {
      printJson(output, { home, file: configPath(home), settings: rows })
      return 0
    }
    if (only !== undefined) {
      const [row] = rows
      if (row !== undefined)
        printLine(output, `${row.key} = ${row.value} (${from(row)})\n${row.doc}\nDefault: ${row.default}. Environment: ${row.environment}.`)
      return 0
    }
    printLine(output, `Home: ${home} (${environment[HOME] === undefined || environment[HOME] === '' ? 'default' : HOME})\n`)
    output.write(renderTable(rows, columns, output))
    return 0
  },
})

interface Row {
  readonly key: string
  /** Hidden when it is a secret that somebody set. */
  readonly value: string
  readonly source: SettingSource
  readonly environment: string
  readonly default: string
  readonly doc: string
}

function rowOf({ key, environment, fallback, doc, secret }: Setting<unknown>, { text, source }: SettingText): Row {
  return { key, value: secret === true && source !== 'default' ? HIDDEN : text, source, environment, default: fallback, doc }
}

const columns: readonly Column<Row>[] = [
  { title: 'SETTING', cell: ({ key }) => key, whole: true },
  { title: 'VALUE', cell: ({ value }) => value },
  { title: 'FROM', cell: (row, to) => (row.source === 'default' ? paint(to, 'dim', 'default') : from(row)) },
  { title: 'ENVIRONMENT', cell: ({ environment }) => environment },
]

function from({ source, environment }: Row): string {
  return source === 'environment' ? environment : source === 'file' ? 'config.json' : 'default'
}
