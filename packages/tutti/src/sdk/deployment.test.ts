import { expect, test } from 'vitest'
import { z } from 'zod'
import { deploymentDefinition } from './deployment.ts'
import { flow } from './flow.ts'
import { defineConfig, isProjectConfig } from './project.ts'

const etl = flow(
  { name: 'etl', description: 'Loads a day', tags: ['data'], retries: 2, parameters: z.object({ day: z.iso.date() }) },
  async ({ day }) => day,
)

test('a deployment is defined by its flow and what is said beside it', async () => {
  const definition = await etl
    .deployment({ name: 'prod', tags: ['nightly'], parameters: { day: '2026-01-01' }, concurrency: 1 })
    .definition()

  expect(definition).toMatchObject({
    flowName: 'etl',
    name: 'prod',
    description: 'Loads a day',
    tags: ['data', 'nightly'],
    parameters: { day: '2026-01-01' },
    parameterSchema: { required: ['day'] },
    concurrency: { limit: 1, collision: 'enqueue' },
    options: { retries: 2, crashRestarts: 3 },
    // Whether it is paused is for those who run it to say.
    paused: null,
  })
})

test('a name that no address can have is refused with the flow it was meant for', async () => {
  await expect(deploymentDefinition(etl.definition, { name: 'a/b' })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining('flow etl'),
  })
})

test('a configuration is a list of deployments, and is known as one', () => {
  const config = defineConfig({ name: 'shop', deployments: [etl.deployment({ name: 'prod' })] })

  expect(isProjectConfig(config)).toBe(true)
  expect(config).toMatchObject({ name: 'shop', deployments: [{ options: { name: 'prod' } }] })
  expect(isProjectConfig({ name: 'shop', deployments: [] })).toBe(false)
  // @ts-expect-error a flow alone is no deployment
  expect(() => defineConfig({ deployments: [etl] })).toThrow('list of deployments')
})
