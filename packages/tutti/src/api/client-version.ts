/** Who speaks: which level of the protocol, and which version of the Prefect client. Both decide how some rules are applied. */
export interface ForeignClient {
  /** `x.y.z` as numbers; the newest when the caller did not say. */
  readonly apiLevel: readonly [number, number, number]
  /** `null`: not a Prefect client. */
  readonly prefectVersion: readonly [number, number, number] | null
  /** As it calls itself: `tutti/0.1.0`, `prefect/3.4.1`; `null`: without a version. */
  readonly program: string | null
}

export const API_LEVEL = [0, 8, 4] as const
/** What `/admin/version` tells: at least the version of the newest client known, or that client warns in every run. */
export const PREFECT_VERSION = '3.8.3'

export function clientOf(headers: Headers): ForeignClient {
  const level = /^(\d+)\.(\d+)\.(\d+)$/.exec(headers.get('x-prefect-api-version') ?? '')
  const agent = /^prefect\/(\d+)\.(\d+)\.(\d+)/.exec(headers.get('user-agent') ?? '')
  const program = /^[\w.+-]{1,60}\/[\w.+-]{1,60}/.exec(headers.get('user-agent') ?? '')
  return {
    apiLevel: level === null ? API_LEVEL : numbers(level),
    prefectVersion: agent === null ? null : numbers(agent),
    program: program === null ? null : program[0],
  }
}

/** Whether a header names a level of the protocol that this server does not speak, in words; `undefined` when all is well. */
export function refusedLevel(header: string | null): string | undefined {
  if (header === null) return undefined
  const level = /^(\d+)\.(\d+)\.(\d+)$/.exec(header)
  if (level === null) return `Invalid X-PREFECT-API-VERSION header format. Expected 'x.y.z', got '${header}'.`
  if (isBefore(numbers(level), [0, 8, 0]))
    return `The client speaks version ${header} of the API; this server speaks 0.8.0 to ${API_LEVEL.join('.')}.`
  return undefined
}

export function isBefore(one: readonly [number, number, number], other: readonly [number, number, number]): boolean {
  for (const index of [0, 1, 2] as const) if (one[index] !== other[index]) return one[index] < other[index]
  return false
}

function numbers(match: RegExpExecArray): readonly [number, number, number] {
  return [Number(match[1]), Number(match[2]), Number(match[3])]
}
