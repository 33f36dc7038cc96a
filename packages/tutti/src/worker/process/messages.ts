/** Code that a process has at hand, and where it runs. What differs in any of it needs another process. */
export interface CodePlace {
  /** Absolute: where the code is. */
  readonly folder: string
  /** `file:flow`, from the folder. */
  readonly entrypoint: string
  /** For people: where the code is from. */
  readonly source: string
  /** `null` for a folder of this machine. */
  readonly commit: string | null
  /** Where the process works: the folder of the code unless the job says otherwise. */
  readonly workingFolder: string
  /** On top of the worker's own environment. */
  readonly environment: Readonly<Record<string, string>>
}

export type ToChild =
  /** Imports the code beforehand. */
  | { readonly type: 'prepare'; readonly place: CodePlace }
  | { readonly type: 'run'; readonly flowRunId: string; readonly flowName: string; readonly place: CodePlace }

export type FromChild =
  /** It is connected and can be given a run. */
  | { readonly type: 'ready' }
  | { readonly type: 'prepared' }
  /** It knows this secret: what it prints, also what Node prints of its end, may hold it. */
  | { readonly type: 'secret'; readonly value: string }
  /** The run is held by this process. */
  | { readonly type: 'begun' }
  | { readonly type: 'ended'; readonly state: string; readonly isReusable: boolean; readonly usage: Usage }
  /** Nothing of the run was called: somebody else has it, or it was cancelled. */
  | { readonly type: 'left'; readonly reason: string }
  /** The run could not be recorded. */
  | { readonly type: 'broken'; readonly reason: string }

/** What a run took of its process. */
export interface Usage {
  readonly cpuMs: number
  readonly memoryMaxBytes: number
}
