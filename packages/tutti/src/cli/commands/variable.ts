import { TuttiError } from '../../core/errors.ts'
import type { Orchestrator } from '../../core/orchestrator.ts'
import { suggestion } from '../../core/suggestion.ts'
import { VARIABLE_VALUE_MAX, variableNameProblem, VARIABLES_PER_PAGE_MAX } from '../../core/variable-access.ts'
import type { StoredVariable } from '../../core/variable-access.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { withTutti } from '../connection.ts'
import { ago, stamp, timeOrNull } from '../moment.ts'
import { cursorOption, LIMIT_DEFAULT, limitUpTo } from '../options.ts'
import { didYouMean } from '../parse.ts'
import { printFields, printJson, printLine } from '../print.ts'
import { printPage } from '../table.ts'
import type { World } from '../world.ts'

type Variables = Orchestrator['variables']

const nameArgument = { doc: 'the name of the variable' } as const

export const set = defineCommand({
  about:
    'A value that is JSON is taken as that, everything else as text. Whoever may read variables sees it: secrets are kept with `tutti block create secret/NAME`.',
  arguments: { name: nameArgument, value: { doc: 'its value, or - for the standard input' } },
  options: {
    text: { doc: 'Takes the value as text, whatever it looks like' },
    tag: { short: 't', value: 'TAG', repeatable: true, doc: 'Tags it; default: those it has' },
    overwrite: { doc: 'The variable may be there already, and is changed' },
    json: jsonOption,
  },
  examples: [
    { command: 'tutti variable set page-size 500', doc: 'A number' },
    { command: `tutti variable set regions '["eu", "us"]' --tag etl --overwrite`, doc: 'A list, also when it is there' },
    { command: 'tutti variable set limits - < limits.json', doc: 'From a file' },
  ],
  run: async (world, { arguments: { name, value }, options }) => {
    const problem = variableNameProblem(name)
    if (problem !== undefined) throw new TuttiError('INVALID_VARIABLE', `the name ${JSON.stringify(name)} of a variable ${problem}`)
    const typed = value === '-' ? await world.readInput() : value
    const text = options.text ? JSON.stringify(typed) : jsonText(typed)
    if (text.length > VARIABLE_VALUE_MAX)
      throw new TuttiError(
        'INVALID_VARIABLE',
        `the value of the variable ${name} has ${text.length} characters as JSON, and ${VARIABLE_VALUE_MAX} are the most`,
      )
    return withTutti(world, async ({ orchestrator: { variables } }) => {
      const tags = options.tag.length === 0 ? null : [...new Set(options.tag)]
      const saved = await variables.set({ id: null, name, value: text, tags, overwrite: options.overwrite })
      if (options.json) printJson(world.output, variableJson(saved))
      else printLine(world.output, `Set the variable ${name} to ${saved.value}`)
      return 0
    })
  },
})

/** As it stands when it is JSON, so that no number is written anew. */
function jsonText(typed: string): string {
  try {
    JSON.parse(typed)
    return typed.trim()
  } catch {
    return JSON.stringify(typed)
  }
}

export const get = defineCommand({
  about: 'Prints the value alone: text as it is, everything else as JSON. The exit code is 1 when there is none and no --default.',
  arguments: { name: nameArgument },
  options: {
    default: { value: 'TEXT', doc: 'Printed when there is no such variable' },
    json: { doc: 'Print the value as JSON in any case' },
  },
  examples: [{ command: 'size=$(tutti variable get page-size --default 100)', doc: 'In a script' }],
  run: (world, { arguments: { name }, options }) =>
    withTutti(world, async ({ orchestrator: { variables } }) => {
      const found = await variables.find(name)
      if (found === null && options.default === undefined) throw await noVariable(variables, name)
      const text = found?.value ?? jsonText(options.default ?? '')
      const value: unknown = JSON.parse(text)
      printLine(world.output, typeof value === 'string' && !options.json ? value : text)
      return 0
    }),
})

export const list = defineCommand({
  arguments: {},
  options: {
    tag: { short: 't', value: 'TAG', repeatable: true, doc: 'Only those with this tag' },
    prefix: { value: 'TEXT', doc: 'Only those whose names begin so' },
    limit: {
      short: 'n',
      value: 'NUMBER',
      parse: limitUpTo(VARIABLES_PER_PAGE_MAX),
      doc: `At most so many, up to ${VARIABLES_PER_PAGE_MAX}; default 20`,
    },
    cursor: cursorOption,
    json: jsonOption,
  },
  examples: [{ command: 'tutti variable ls --tag etl', doc: 'Those of a tag' }],
  run: (world, { options: { tag, prefix, limit = LIMIT_DEFAULT, cursor, json } }) =>
    withTutti(world, async ({ orchestrator: { variables } }) => {
      const page = await variables.page({
        tags: tag,
        limit,
        ...(prefix === undefined ? undefined : { prefix }),
        ...(cursor === undefined ? undefined : { cursor }),
      })
      const now = world.clock.now()
      if (json) printJson(world.output, { items: page.items.map(variableJson), cursor: page.cursor })
      else
        printPage(
          world,
          page,
          [
            { title: 'NAME', whole: true, cell: ({ name }) => name },
            { title: 'VALUE', cell: ({ value }) => value },
            { title: 'TAGS', cell: ({ tags }) => tags.join(', ') },
            { title: 'CHANGED', cell: ({ updatedAt }) => ago(updatedAt, now) },
          ],
          'No variables. Make one with `tutti variable set NAME VALUE`.',
        )
      return 0
    }),
})

export const inspect = defineCommand({
  arguments: { name: nameArgument },
  options: { json: jsonOption },
  examples: [{ command: 'tutti variable inspect limits', doc: 'Its value, tags and times' }],
  run: (world, { arguments: { name }, options }) =>
    withTutti(world, async ({ orchestrator: { variables } }) => {
      const found = await variables.find(name)
      if (found === null) throw await noVariable(variables, name)
      if (options.json) printJson(world.output, variableJson(found))
      else show(world, found)
      return 0
    }),
})

function show({ output, clock }: World, variable: StoredVariable): void {
  printLine(output, variable.name)
  printFields(output, [
    ['id', variable.id],
    ['tags', variable.tags.join(', ') || undefined],
    ['made', stamp(variable.createdAt)],
    ['changed', `${stamp(variable.updatedAt)} (${ago(variable.updatedAt, clock.now())})`],
    ['value', JSON.stringify(JSON.parse(variable.value), null, 2)],
  ])
}

export const unset = defineCommand({
  arguments: { names: { doc: 'the names of variables', many: true } },
  options: { json: { ...jsonOption, doc: 'Print one JSON object per line, one for each variable' } },
  examples: [{ command: 'tutti variable unset page-size', doc: 'Deletes a variable' }],
  run: (world, { arguments: { names }, options }) =>
    withTutti(world, async ({ orchestrator: { variables } }) => {
      for (const name of names) if ((await variables.find(name)) === null) throw await noVariable(variables, name)
      for (const name of names) {
        await variables.unset(name)
        if (options.json) printJson(world.output, { unset: name })
        else printLine(world.output, `Unset the variable ${name}`)
      }
      return 0
    }),
})

async function noVariable(variables: Variables, name: string): Promise<TuttiError> {
  const { items } = await variables.page({ limit: VARIABLES_PER_PAGE_MAX })
  const near = suggestion(
    name,
    items.map((variable) => variable.name),
  )
  return new TuttiError('VARIABLE_NOT_FOUND', `there is no variable ${name}${didYouMean(near)}`)
}

function variableJson({ id, name, value, tags, createdAt, updatedAt }: StoredVariable): object {
  return { id, name, value: JSON.parse(value) as unknown, tags, createdAt: timeOrNull(createdAt), updatedAt: timeOrNull(updatedAt) }
}
