/** Where a process can die, as seen from one task or from the end of its flow. */
export const WINDOWS = {
  'before-mark': 'before the Running mark',
  'after-mark': 'after the Running mark',
  'in-function': "inside the user's function",
  'before-commit': 'after the function, before the commit',
  'after-commit': 'after the commit',
  'before-end': "between the last task and the flow's end",
} as const satisfies Record<string, string>

export type Window = keyof typeof WINDOWS

export const windows = Object.keys(WINDOWS) as readonly Window[] // its keys

/** What the child process of a crash test is told. */
export interface ChildPlan {
  readonly home: string
  /** The run to continue; `null`: a new one. */
  readonly resume: string | null
  /** The process kills itself when it comes to this window for the n-th time, counted from 1. `null`: it lives. */
  readonly killAt: { readonly window: Window; readonly time: number } | null
}
