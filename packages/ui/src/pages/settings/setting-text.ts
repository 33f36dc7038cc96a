import { bytes, duration } from '../../format.ts'
import type { ShownSetting } from '../../queries.ts'

/** A setting's value in words: how long, how much, or nothing. */
export function settingText({ value, key, default: usual }: ShownSetting): string {
  if (value === '' || value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return 'not set'
  if (Array.isArray(value)) return value.join(', ')
  if (typeof value !== 'number') return String(value)
  if (key.startsWith('keep') && usual.endsWith('d')) return value === 1 ? '1 day' : `${value} days`
  if (/^\d+(?:ms|s|m|h|d)$/.test(usual)) return duration(value)
  return /B$/i.test(usual) ? bytes(value) : String(value)
}

/** What the name of a table stands for. */
export function tableText(name: string): string {
  const plain = name.replaceAll('_', ' ')
  return plain.charAt(0).toUpperCase() + plain.slice(1)
}
