import { paint, printLine } from './print.ts'
import type { Answer } from './server.ts'
import type { Output } from './world.ts'

type Planned = Answer<'deployments', 'plan'>[number]

const MARKS = { added: '+', changed: '~', removed: '-', unchanged: '=' } as const
const STYLES = { added: 'green', changed: 'yellow', removed: 'red', unchanged: 'dim' } as const
const VALUE_MAX = 120

/** A plan for people: what comes, what changes from what to what, what goes. */
export function printPlan(to: Output, plan: readonly Planned[]): void {
  for (const { flow_name: flow, name, change, fields, misfits } of plan) {
    printLine(to, `${paint(to, STYLES[change], `${MARKS[change]} ${flow}/${name}`)}  ${paint(to, 'dim', change)}`)
    const width = Math.max(0, ...fields.map(({ field }) => field.length))
    for (const field of fields) printLine(to, `    ${field.field.padEnd(width)}  ${valuesText(to, field, change)}`)
    for (const { schedule, problem } of misfits)
      printLine(to, `    ${paint(to, 'red', schedule === null ? 'parameters' : `schedule ${schedule}`)}: ${problem}`)
  }
}

function valuesText(to: Output, field: Planned['fields'][number], change: Planned['change']): string {
  const was = 'was' in field ? shown(field.was) : paint(to, 'dim', 'nothing')
  const now = 'now' in field ? shown(field.now) : paint(to, 'dim', 'nothing')
  return change === 'added' ? now : `${was} → ${now}`
}

/** `2 added, 1 changed, 4 unchanged`. */
export function planSummary(plan: readonly Pick<Planned, 'change'>[]): string {
  const kinds = ['added', 'changed', 'removed', 'unchanged'] as const
  const counts = kinds.map((kind) => [plan.filter(({ change }) => change === kind).length, kind] as const)
  const told = counts.filter(([count]) => count > 0).map(([count, kind]) => `${count} ${kind}`)
  return told.length === 0 ? 'no deployments' : told.join(', ')
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX)}…` : text
}
