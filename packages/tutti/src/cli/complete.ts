import { settings } from '../settings/schema.ts'
import { commonOptions, flagOf } from './command.ts'
import type { Command, OptionSpec } from './command.ts'
import { commandTable, groups, topLevel } from './command-table.ts'

/** A word that may stand where the cursor is. */
export interface Candidate {
  readonly word: string
  readonly doc: string
}

/**
 * What may be typed next. Nothing means that the shell should offer files.
 *
 * @param words - what follows `tutti`; the last one is unfinished and may be empty.
 */
export async function complete(words: readonly string[]): Promise<readonly Candidate[]> {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const candidates = await candidatesAfter(before, current)
  return candidates.filter(({ word }) => word.startsWith(current))
}

async function candidatesAfter(before: readonly string[], current: string): Promise<readonly Candidate[]> {
  const [first] = before
  if (first === undefined) return topLevel().map(([word, doc]) => ({ word, doc }))
  const entry = commandTable.find(({ words }) => words.every((word, at) => word === before[at]))
  if (entry === undefined) {
    if (!Object.hasOwn(groups, first)) return []
    const at = before.length
    const next = commandTable
      .filter(({ words }) => words.length > at && before.every((word, index) => word === words[index]))
      .map(({ words, summary }) => [words[at] ?? '', words.length === at + 1 ? summary : ''] as const)
    return [...new Map(next)].map(([word, doc]) => ({ word, doc }))
  }
  const command = await entry.load()
  return ofCommand(command, before.slice(entry.words.length), current, entry.words[0] === 'config')
}

function ofCommand(command: Command, before: readonly string[], current: string, takesSettings: boolean): readonly Candidate[] {
  const options: Readonly<Record<string, OptionSpec>> = { ...command.options, ...commonOptions }
  const last = before.at(-1)
  const open = Object.entries(options).find(
    ([name, { short, value }]) => value !== undefined && (last === flagOf(name) || last === `-${short}`),
  )
  if (open !== undefined) return (open[1].choices ?? []).map((word) => ({ word, doc: '' }))
  if (current.startsWith('-')) {
    return Object.entries(options)
      .filter(([name, { repeatable }]) => repeatable === true || !before.includes(flagOf(name)))
      .map(([name, { doc }]) => ({ word: flagOf(name), doc }))
  }
  const at = before.filter((word) => !word.startsWith('-')).length
  const [argument, spec] = Object.entries(command.arguments)[at] ?? []
  if (argument === 'setting' && takesSettings) return Object.values(settings).map(({ key, doc }) => ({ word: key, doc }))
  if (argument === 'value' && takesSettings) {
    const setting = Object.values(settings).find(({ key }) => key === before[0])
    return (setting?.choices ?? []).map((word) => ({ word, doc: '' }))
  }
  return (spec?.choices ?? []).map((word) => ({ word, doc: '' }))
}

/** One candidate a line; fish shows what stands behind a tab. */
export function formatCandidates(shell: string, candidates: readonly Candidate[]): string {
  return candidates.map(({ word, doc }) => (shell === 'fish' && doc !== '' ? `${word}\t${doc}\n` : `${word}\n`)).join('')
}
