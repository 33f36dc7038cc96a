/** The transaction rules of the database: what survives a power cut as well, and what survives only the death of the process. */
export type Durability = 'normal' | 'full'

/** One line of output: one repeat of one workload. Fields that make no sense for a workload are left out. */
export interface Measurement {
  /** `W1` … `W7`, or `floor`: the same rows written to the same kind of database by nothing but prepared statements. */
  readonly workload: string
  /** Whose floor it is. */
  readonly of?: string
  /** Tells the variants of one workload apart. */
  readonly case?: string
  readonly mode: 'embedded'
  readonly durability?: Durability
  /** From 1; 0 is the first time in a fresh process, before anything is compiled, and counts in no median. */
  readonly repeat: number
  readonly n?: number
  readonly total_ms?: number
  readonly per_second?: number
  readonly p50_us?: number
  readonly p95_us?: number
  readonly p99_us?: number
  readonly median_ms?: number
  readonly longest_ms?: number
  readonly size_kb?: number
  readonly rss_mb?: number
  readonly heap_mb?: number
  /** W7: from the start of the new process's resume to the first task that has to run. */
  readonly replay_ms?: number
  readonly path?: string
  readonly node: string
  readonly version: string
}

/** What a workload itself knows about one repeat; who runs it adds the rest. */
export type Sample = Omit<Measurement, 'workload' | 'of' | 'mode' | 'path' | 'node' | 'version'> & { readonly of: 'workload' | 'floor' }
