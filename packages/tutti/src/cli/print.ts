import { styleText } from 'node:util'
import type { StateType } from '../core/state.ts'
import type { Output } from './world.ts'

type Style = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'dim' | 'bold'

export function paint(to: Output, style: Style, text: string): string {
  return to.colours ? styleText(style, text, { validateStream: false }) : text
}

const stateStyle = {
  scheduled: 'blue',
  pending: 'blue',
  running: 'blue',
  paused: 'yellow',
  cancelling: 'yellow',
  completed: 'green',
  failed: 'red',
  crashed: 'magenta',
  cancelled: 'yellow',
} as const satisfies Record<StateType, Style>

export function paintState(to: Output, state: { readonly type: StateType; readonly name: string }): string {
  return paint(to, stateStyle[state.type], state.name)
}

export function printLine(to: Output, text = ''): void {
  to.write(`${text}\n`)
}

/** One JSON value on one line. */
export function printJson(to: Output, value: unknown): void {
  to.write(`${JSON.stringify(value)}\n`)
}

/** Names and what they stand for, one under the other; what is `undefined` is left out. */
export function printFields(to: Output, fields: readonly (readonly [string, string | undefined])[]): void {
  const shown = fields.filter((field): field is readonly [string, string] => field[1] !== undefined)
  const width = Math.max(0, ...shown.map(([name]) => name.length))
  for (const [name, value] of shown) {
    const indented = value.replaceAll('\n', `\n${' '.repeat(width + 2)}`)
    to.write(`${paint(to, 'dim', name.padEnd(width))}  ${indented}\n`)
  }
}
