import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { TuttiError } from '../core/errors.ts'
import { suggestion } from '../core/suggestion.ts'
import { isFlow, isTask } from './definition.ts'
import type { FlowLike } from './definition.ts'
import { ENTRY_EXTENSIONS, shownPath } from './entrypoint/bundle.ts'
import { importModule, prepareModule } from './entrypoint/module.ts'
import type { LoadOptions, ModuleNamespace } from './entrypoint/module.ts'

export { importModule, prepareModule } from './entrypoint/module.ts'
export type { PreparedModule } from './entrypoint/module.ts'

/** Flows by the name they are exported under. One that is exported twice keeps the name that is not `default`. */
export type Flows = Readonly<Record<string, FlowLike>>

function flowsOf(module: ModuleNamespace): Flows {
  const names = Object.keys(module).sort((a, b) => Number(a === 'default') - Number(b === 'default'))
  const flows = new Map<FlowLike, string>()
  for (const name of names) {
    const value = module[name]
    if (isFlow(value) && !flows.has(value)) flows.set(value, name)
  }
  return Object.fromEntries([...flows].map(([flow, name]) => [name, flow]))
}

/**
 * The flow that `flow.ts`, `flow.ts:exportName` or `flow.ts:flow-name` stands for. Without a name: the default export, or the only flow.
 *
 * @throws `ENTRYPOINT_NOT_FOUND`, `ENTRYPOINT_FAILED`, `FLOW_NOT_FOUND` or `FLOW_AMBIGUOUS`.
 */
export async function resolveFlow(entrypoint: string, options: LoadOptions = {}): Promise<FlowLike> {
  const load = await prepareFlow(entrypoint, options)
  return load()
}

/** As `resolveFlow`, in two steps: nothing of the user's is run until the returned function is called. */
export async function prepareFlow(entrypoint: string, options: LoadOptions = {}): Promise<() => Promise<FlowLike>> {
  const { file, name } = readEntrypoint(entrypoint)
  if (!existsSync(file)) throw notFound(file)
  const prepared = await prepareModule(file, options)
  return async () => {
    const module = await importModule(prepared)
    const flows = flowsOf(module)
    return name === undefined ? onlyFlow(file, flows, module) : namedFlow(file, name, flows, module)
  }
}

/** Takes `file:name` apart. A colon that belongs to the path stays there. */
function readEntrypoint(text: string): { readonly file: string; readonly name: string | undefined } {
  const colon = text.lastIndexOf(':')
  const name = text.slice(colon + 1)
  // `C:\flow.ts` has its colon at 1.
  if (colon < 2 || name === '' || /[\\/]/.test(name) || existsSync(text)) return { file: path.resolve(text), name: undefined }
  return { file: path.resolve(text.slice(0, colon)), name }
}

function notFound(file: string): TuttiError {
  const near = suggestion(path.basename(file), neighbours(path.dirname(file)))
  const hint = near === undefined ? '' : `; did you mean ${shownPath(path.join(path.dirname(file), near))}?`
  return new TuttiError('ENTRYPOINT_NOT_FOUND', `there is no file ${shownPath(file)}${hint}`)
}

function neighbours(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => ENTRY_EXTENSIONS.includes(path.extname(name)))
  } catch {
    return []
  }
}

function onlyFlow(file: string, flows: Flows, module: ModuleNamespace): FlowLike {
  const [first, ...others] = Object.values(flows)
  if (first === undefined) throw new TuttiError('FLOW_NOT_FOUND', `${shownPath(file)} exports no flow (${exportsOf(module)})`)
  if (others.length === 0) return first
  if (isFlow(module['default'])) return module['default']
  const choices = Object.keys(flows).map((name) => `${shownPath(file)}:${name}`)
  throw new TuttiError('FLOW_AMBIGUOUS', `${shownPath(file)} exports ${choices.length} flows: ${choices.join(', ')}`)
}

function namedFlow(file: string, name: string, flows: Flows, module: ModuleNamespace): FlowLike {
  const exported = Object.hasOwn(module, name) ? module[name] : undefined
  if (isFlow(exported)) return exported
  const [named, ...others] = Object.values(flows).filter((flow) => flow.definition.name === name)
  if (named !== undefined && others.length === 0) return named
  if (named !== undefined)
    throw new TuttiError(
      'FLOW_AMBIGUOUS',
      `${shownPath(file)} exports ${others.length + 1} flows named ${name}: give the name of the export`,
    )

  const where = shownPath(file)
  if (isTask(exported)) throw new TuttiError('FLOW_NOT_FOUND', `${name} in ${where} is a task, not a flow`)
  const known = new Set([...Object.keys(flows), ...Object.values(flows).map((flow) => flow.definition.name)])
  const near = suggestion(name, known)
  const hint = near === undefined ? '' : `; did you mean ${near}?`
  const choices = known.size === 0 ? `it exports no flow (${exportsOf(module)})` : `its flows are ${[...known].join(', ')}`
  throw new TuttiError('FLOW_NOT_FOUND', `${where} exports no flow ${name}${hint} (${choices})`)
}

function exportsOf(module: ModuleNamespace): string {
  const names = Object.keys(module)
  return names.length === 0 ? 'it exports nothing' : `its exports are ${names.join(', ')}`
}
