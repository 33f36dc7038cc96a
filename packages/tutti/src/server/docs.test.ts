import { expect, test } from 'vitest'
import type { OpenApi } from '../api/openapi.ts'
import { docsPage } from './docs.ts'

const document: OpenApi = {
  openapi: '3.1.0',
  info: { title: 'Tutti', version: '1.2.3', description: 'All of it.' },
  servers: [{ url: '/api' }],
  paths: {
    '/task_runs/{id}': {
      get: {
        operationId: 'taskRuns.read',
        tags: ['taskRuns'],
        summary: 'One <task> run.',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }],
        responses: { 200: { description: 'Done.', content: { 'application/json': { schema: { $ref: '#/components/schemas/TaskRun' } } } } },
      },
    },
  },
  components: { schemas: { TaskRun: { type: 'object', properties: { tags: { type: 'array', items: { type: 'string' } } } } } },
}

test('an operation stands under its noun, with what it takes and answers', () => {
  const { html } = docsPage(document)

  expect(html).toContain('<h2>Task runs</h2>')
  expect(html).toContain('<details id="taskRuns.read"')
  expect(html).toContain('<code>id</code><i title="must be given">*</i></td><td>uuid</td><td>path</td>')
  expect(html).toContain('<code>tags</code></td><td>list of text</td>')
})

test('what stands in the declaration is text and no markup', () => {
  expect(docsPage(document).html).toContain('One &lt;task&gt; run.')
})

test('the page loads nothing from elsewhere', () => {
  const { html, policy } = docsPage(document)

  expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  expect(policy).toContain("default-src 'none'")
})
