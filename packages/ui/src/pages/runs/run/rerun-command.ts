import { shell } from './copy-as-code.ts'

/** `retry`: the same run goes on. `rerun`: a new one, linked to it. */
export type RerunKind = 'retry' | 'rerun'

interface Asked {
  readonly from?: string | null | undefined
  readonly parameters?: object | null | undefined
  readonly results?: Readonly<Record<string, unknown>> | null | undefined
}

/** What one types where the code of a run is. */
export function rerunCommand({ kind, name, body }: { readonly kind: RerunKind; readonly name: string; readonly body: Asked }): string {
  return [
    `tutti flow-run ${kind} ${shell(name)}`,
    ...(typeof body.from === 'string' ? [`--from ${shell(body.from)}`] : []),
    ...Object.entries(body.parameters ?? {}).map(
      ([key, value]) => `--param ${shell(`${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)}`,
    ),
    ...Object.entries(body.results ?? {}).map(([task, value]) => `--result ${shell(`${task}=${JSON.stringify(value)}`)}`),
  ].join(' ')
}
