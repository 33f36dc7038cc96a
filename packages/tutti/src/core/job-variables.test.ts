import { expect, it } from 'vitest'
import { defaultsProblem, jobVariablesProblem } from './job-variables.ts'
import { JsonText } from './literal-json.ts'

function template(properties: object, required: readonly string[] = []): JsonText {
  return JsonText.of({ job_configuration: {}, variables: { properties, required } })
}

it.each([
  ['fit', template({ cmd: { type: 'string', default: 'x' } }), undefined],
  ['are null where a value is optional', template({ cmd: { type: 'string', default: null } }), undefined],
  ['name a block', template({ key: { $ref: '#/definitions/Key', default: { $ref: { block_document_id: 'x' } } } }), undefined],
  ['are of no schema', new JsonText('{}'), undefined],
  [
    'do not fit',
    template({ cmd: { type: 'string', default: 5 } }),
    "Validation failed for work pool's job variable defaults: Validation failed for field 'cmd'",
  ],
  ['cannot be measured', template({ cmd: { $ref: '#/none', default: 5 } }), 'The schema of the variables cannot be used'],
])('defaults of a pool that %s', (_, given, problem) => {
  expect(defaultsProblem(given) ?? 'fine').toContain(problem ?? 'fine')
})

it('job variables are measured by the template of the pool', () => {
  const pool = template({ cmd: { type: 'string' }, env: { additionalProperties: { type: 'string' } } }, ['cmd'])
  expect(jobVariablesProblem(pool, new JsonText('{"cmd":"x","other":1}'), {})).toBeUndefined()
  expect(jobVariablesProblem(pool, new JsonText('{}'), {})).toBe("Validation failed. Failure reason: 'cmd' is a required property")
  expect(jobVariablesProblem(pool, new JsonText('{}'), { ignoreRequired: true })).toBeUndefined()
  expect(jobVariablesProblem(pool, new JsonText('{"cmd":"x","env":{"A":5}}'), {})).toContain("for field 'env.A'")
})
