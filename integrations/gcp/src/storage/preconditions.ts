/** What must be true of an object for a request to be done; else it fails with `gcp/PRECONDITION_FAILED` and nothing changes. */
export interface Preconditions {
  /** The generation that `stat` told; `0`: there must be no such object. */
  readonly ifGenerationMatch?: string | number | undefined
  readonly ifGenerationNotMatch?: string | number | undefined
  readonly ifMetagenerationMatch?: string | number | undefined
  readonly ifMetagenerationNotMatch?: string | number | undefined
}

type Query = Readonly<Record<string, string | number | undefined>>

export function preconditionsQuery(options: Preconditions): Query {
  const { ifGenerationMatch, ifGenerationNotMatch, ifMetagenerationMatch, ifMetagenerationNotMatch } = options
  return { ifGenerationMatch, ifGenerationNotMatch, ifMetagenerationMatch, ifMetagenerationNotMatch }
}

export function hasPreconditions(options: Preconditions): boolean {
  return Object.values(preconditionsQuery(options)).some((value) => value !== undefined)
}
