import { expect, test } from 'vitest'
import { fillTemplate } from './run-job.ts'

const template = {
  job_configuration: {
    env: '{{ env }}',
    working_dir: '{{ working_dir }}',
    command: 'run {{ name }} with {{ memory_mb }} MB',
    secret: '{{ prefect.blocks.secret.token }}',
    list: ['{{ name }}', 1],
  },
  variables: {
    type: 'object',
    properties: { env: { default: { A: '1' } }, memory_mb: { default: 512 }, name: {}, working_dir: {} },
  },
}

test('a job is made from the template, its defaults, and what deployment and run say', () => {
  expect(
    fillTemplate(template, [
      { name: 'x', env: { B: '2' } },
      { env: { A: '3' }, memory_mb: 64 },
    ]),
  ).toEqual({
    env: { A: '3', B: '2' },
    command: 'run x with 64 MB',
    secret: '{{ prefect.blocks.secret.token }}',
    list: ['x', 1],
  })
})

test('a variable that nobody gave leaves its key out, and nothing in the middle of a text', () => {
  expect(fillTemplate(template, [])).toEqual({
    env: { A: '1' },
    command: 'run  with 512 MB',
    secret: '{{ prefect.blocks.secret.token }}',
    list: [null, 1],
  })
})

test.each([[{}], [null], [{ job_configuration: 7 }]])('a pool without a template has an empty job: %j', (empty) => {
  expect(fillTemplate(empty, [{ a: 1 }])).toEqual({})
})
