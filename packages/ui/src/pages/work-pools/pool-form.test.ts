import { expect, test } from 'vitest'
import { defaultsOf, formSchema, poolNameProblem, readLimit, templateParts, withDefaults } from './pool-form.ts'

const template = {
  job_configuration: { command: '{{ command }}', env: '{{ env }}' },
  variables: {
    type: 'object',
    required: ['command'],
    properties: { command: { type: 'string', default: 'node run.js' }, env: { type: 'object' } },
  },
}

test('nothing typed is no limit, and only whole numbers are limits', () => {
  expect(readLimit(' ')).toEqual({ limit: null })
  expect(readLimit('0')).toEqual({ limit: 0 })
  expect(readLimit('12')).toEqual({ limit: 12 })
  for (const text of ['-1', '1.5', 'ten']) expect(readLimit(text)).toHaveProperty('problem')
})

test('a pool needs a name that nobody has', () => {
  expect(poolNameProblem('', [])).toBe('Give it a name.')
  expect(poolNameProblem('local', ['local'])).toContain('already')
  expect(poolNameProblem('a/b', [])).toContain('/')
  expect(poolNameProblem('local-2', ['local'])).toBeUndefined()
})

test('a template without variables has no form', () => {
  expect(templateParts({})).toBeUndefined()
  expect(templateParts({ job_configuration: {}, variables: {} })).toBeUndefined()
})

test('the form shows the defaults and asks for nothing that deployments may give', () => {
  const parts = templateParts(template)!

  expect(defaultsOf(parts)).toEqual({ command: 'node run.js' })
  expect(formSchema(parts)).not.toHaveProperty('required')
})

test('what the form holds becomes the defaults, and what was emptied has none; the rest stays', () => {
  const changed = withDefaults(template, { env: { A: '1' } })

  expect(changed).toEqual({
    job_configuration: template.job_configuration,
    variables: {
      type: 'object',
      required: ['command'],
      properties: { command: { type: 'string' }, env: { type: 'object', default: { A: '1' } } },
    },
  })
})
