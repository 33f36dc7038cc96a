import { expect, it } from 'vitest'
import { JsonText } from './literal-json.ts'
import { templateProblem } from './work-pool.ts'
import { CATALOGUE } from './worker-catalogue.ts'
import type { WorkerKind } from './worker-catalogue.ts'

const kinds = Object.values(CATALOGUE['aggregate-worker-metadata'] ?? {}).flatMap((byType) =>
  Object.entries(byType as Record<string, WorkerKind>),
)

it.each(kinds)('a pool of the kind %s can be made from the template of the catalogue', (type, kind) => {
  expect(kind.type).toBe(type)
  expect(templateProblem(JsonText.of(kind.default_base_job_configuration))).toBeUndefined()
  expect(Object.keys(kind.default_base_job_configuration.variables.properties)).toEqual(
    expect.arrayContaining(['name', 'env', 'labels', 'command']),
  )
})
