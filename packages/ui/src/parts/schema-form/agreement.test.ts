// The server has the last word on parameters; a form that disagrees with it would refuse what may run, or promise what may not.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { schemaErrors } from '../../../../tutti/src/core/json-schema.ts'
import { validateAgainst } from './validate.ts'

const key = fc.constantFrom('a', 'b', 'c')
const leaf = fc.oneof(fc.integer({ min: -3, max: 12 }), fc.constantFrom('', 'x', 'xyz', true, false, null, 1.5))
const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('any'), { maxLength: 4 }), fc.dictionary(key, tie('any'), { maxKeys: 3 })),
})).any

const small = fc.nat({ max: 4 })
const schema = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constant({}),
    fc.record({ type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'null', 'array', 'object') }),
    fc.record({ type: fc.constant(['string', 'null']) }),
    fc.record({ enum: fc.array(leaf, { minLength: 1, maxLength: 3 }) }),
    fc.record({ const: leaf }),
    fc.record(
      { type: fc.constantFrom('integer', 'number'), minimum: small, exclusiveMaximum: fc.nat({ max: 12 }) },
      { requiredKeys: ['type'] },
    ),
    fc.record({ type: fc.constant('string'), minLength: small, maxLength: small, pattern: fc.constant('^x') }, { requiredKeys: ['type'] }),
    fc.record(
      { type: fc.constant('array'), items: tie('any'), minItems: small, maxItems: small, uniqueItems: fc.boolean() },
      { requiredKeys: ['type'] },
    ),
    fc.record(
      {
        type: fc.constant('object'),
        properties: fc.dictionary(key, tie('any'), { maxKeys: 3 }),
        required: fc.uniqueArray(key, { maxLength: 2 }),
        additionalProperties: fc.oneof(fc.boolean(), tie('any')),
        minProperties: small,
      },
      { requiredKeys: ['type'] },
    ),
    fc.record({ anyOf: fc.array(tie('any'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ oneOf: fc.array(tie('any'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie('any'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ not: tie('any') }),
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of schemas
    fc.record({ if: tie('any'), then: tie('any'), else: tie('any') }),
  ),
})).any

test('a form takes what the server takes, and refuses what it refuses', () => {
  fc.assert(
    fc.property(schema, value, (rules, given) => {
      const server = schemaErrors(rules, given, { nullOptional: true }).length === 0
      const form = Object.keys(validateAgainst(rules, given)).length === 0

      expect(form).toBe(server)
    }),
    { numRuns: 1_000 },
  )
})
