import { artifactKeyProblem } from '../core/artifact.ts'
import { TuttiError } from '../core/errors.ts'
import { artifactId } from '../engine/artifact-id.ts'
import { currentContext } from '../engine/context.ts'

/** What every artifact may have. */
export interface ArtifactOptions {
  /** Artifacts of one key are versions of one thing; the latest is what is shown. Lowercase letters, numbers and dashes. */
  readonly key?: string
  /** Shown beside it. */
  readonly description?: string
}

/** A bar that is shown while a run works. */
export interface ProgressArtifact {
  /**
   * From 0 to 100. Numbers beyond are taken for the nearest of the two.
   *
   * @param options.description - what is shown beside it from now on.
   */
  update(percent: number, options?: Pick<ArtifactOptions, 'description'>): Promise<void>
}

/**
 * Publishes something for people to look at, as part of the flow run and task run this code is in. Each call resolves once it is kept. A run
 * that is resumed publishes nothing twice; a task that is tried again brings up to date what it published before.
 *
 * Throws `NOT_IN_A_RUN` outside of a run, and `INVALID_ARTIFACT` for a key with other characters than lowercase letters, numbers and dashes.
 *
 * @example
 * await artifact.markdown({ key: 'daily-report', text: `# ${rows} rows` })
 */
export const artifact = {
  /** Text in Markdown. */
  async markdown({ text, ...options }: ArtifactOptions & { readonly text: string }): Promise<void> {
    await publisher('markdown', options, 'markdown')(text)
  },

  /** Rows as objects with the same members; their values are written as JSON. */
  async table({ rows, ...options }: ArtifactOptions & { readonly rows: readonly Readonly<Record<string, unknown>>[] }): Promise<void> {
    // As clients of the protocol keep it: JSON within JSON.
    await publisher('table', options, 'table')(JSON.stringify(rows))
  },

  /** An address; `text` is what is shown for it. */
  async link({ url, text, ...options }: ArtifactOptions & { readonly url: string; readonly text?: string }): Promise<void> {
    // The protocol has no type for links.
    await publisher('markdown', options, 'link')(`[${(text ?? url).replaceAll(/[[\]]/g, String.raw`\$&`)}](${url})`)
  },

  /** An image by its address. */
  async image({ url, ...options }: ArtifactOptions & { readonly url: string }): Promise<void> {
    await publisher('image', options, 'image')(url)
  },

  /** Progress in percent, from `percent` or 0 on. In a run that is resumed it stays where it was until it is updated. */
  async progress({ percent = 0, ...options }: ArtifactOptions & { readonly percent?: number } = {}): Promise<ProgressArtifact> {
    const write = publisher('progress', options, 'progress')
    await write(within(percent), { isFirst: true })
    return { update: (next, { description } = {}) => write(within(next), description === undefined ? {} : { description }) }
  },
} as const

function within(percent: number): number {
  if (Number.isNaN(percent)) throw new TuttiError('INVALID_ARTIFACT', 'the progress of an artifact is not a number')
  return Math.min(100, Math.max(0, percent))
}

/** Writes one artifact, as often as it changes. */
function publisher(
  type: string,
  { key = null, description = null }: { readonly key?: string | null; readonly description?: string | null },
  verb: string,
): (data: string | number, how?: { readonly isFirst?: boolean; readonly description?: string }) => Promise<void> {
  const context = currentContext()
  if (context === undefined) throw new TuttiError('NOT_IN_A_RUN', `artifact.${verb}() was called outside of a flow or task`)
  const problem = key === null ? undefined : artifactKeyProblem(key)
  if (problem !== undefined) throw new TuttiError('INVALID_ARTIFACT', `the key ${JSON.stringify(key)} of an artifact ${problem}`)
  const { active, task } = context
  let shown = description
  const id = artifactId(context, type, key)
  return async (data, { isFirst = false, description: changed } = {}) => {
    shown = changed ?? shown
    const refusal = active.refusal(`artifact.${verb}()`)
    if (refusal !== undefined) throw refusal
    const flowRunId = active.run.id
    const taskRunId = task?.record.id ?? null
    await active.engine.orchestrator.artifacts.publish({
      id,
      key,
      type,
      description: shown,
      data: JSON.stringify(data),
      flowRunId,
      taskRunId,
      isFirst,
    })
  }
}
