import { readSetting } from '../../settings/load.ts'
import { settings } from '../../settings/schema.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { changeConfig, settingNamed } from '../config-file.ts'
import { printJson, printLine } from '../print.ts'
import type { World } from '../world.ts'

export const set = defineCommand({
  about: 'Writes to config.json in TUTTI_HOME. An environment variable of the setting wins over it.',
  arguments: { setting: { doc: 'a setting, from `tutti config view`' }, value: { doc: 'its new value' } },
  options: { json: jsonOption },
  examples: [{ command: 'tutti config set logLevel debug', doc: 'Show more from now on' }],
  run: async (world, { arguments: { setting, value }, options }) => {
    const name = settingNamed(setting)
    readSetting(name, value, 'the command line')
    const { key, secret } = settings[name]
    const file = changeConfig(world, (config) => ({ ...config, [key]: value }))
    if (options.json) printJson(world.output, { key, file, set: true })
    else printLine(world.output, `${key} is ${secret === true ? 'set' : value} (${file})`)
    warnOfEnvironment(world, name)
    return 0
  },
})

export const unset = defineCommand({
  about: 'Removes a setting from config.json in TUTTI_HOME, so that its default counts again.',
  arguments: { setting: { doc: 'a setting, from `tutti config view`' } },
  options: { json: jsonOption },
  examples: [{ command: 'tutti config unset logLevel', doc: 'Back to the default' }],
  run: async (world, { arguments: { setting }, options }) => {
    let wasSet = false
    let key = setting
    const file = changeConfig(world, (config) => {
      // What does not belong into the file can be taken out too.
      key = Object.hasOwn(config, setting) ? setting : settings[settingNamed(setting)].key
      wasSet = Object.hasOwn(config, key)
      return Object.fromEntries(Object.entries(config).filter(([each]) => each !== key))
    })
    if (options.json) printJson(world.output, { key, file, set: false })
    else printLine(world.output, wasSet ? `${key} is no longer set (${file})` : `${key} was not set (${file})`)
    return 0
  },
})

function warnOfEnvironment({ environment, errors }: World, name: keyof typeof settings): void {
  const variable = settings[name].environment
  if (environment[variable] !== undefined && environment[variable] !== '')
    printLine(errors, `The environment variable ${variable} is set too, and wins.`)
}
