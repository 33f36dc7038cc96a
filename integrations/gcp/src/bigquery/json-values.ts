/** A row as BigQuery reads it from JSON: times as ISO 8601, bytes as base64, large whole numbers as they are. */
export function jsonText(row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(jsonRow(row))
}

export function jsonRow(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, jsonValue(value)]))
}

function jsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(jsonValue)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'object' && value !== null && !('toJSON' in value)) return jsonRow({ ...value })
  return value
}
