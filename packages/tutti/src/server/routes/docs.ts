import type { Hono } from 'hono'
import { api } from '../../api/index.ts'
import { live } from '../../api/live.ts'
import { openApi } from '../../api/openapi.ts'
import type { OpenApi } from '../../api/openapi.ts'
import { docsPage } from '../docs.ts'
import type { DocsPage } from '../docs.ts'

/** The document and its page; both are made when somebody first asks. */
export function mountDocs(app: Hono, version: string, { atRoot }: { readonly atRoot: boolean }): void {
  let document: OpenApi | undefined
  let page: DocsPage | undefined
  const made = (): OpenApi => (document ??= openApi({ ...api, live }, version))

  // Whoever opens the address that a server prints wants to know what is there.
  for (const path of atRoot ? ['/', '/api'] : ['/api']) app.get(path, (context) => context.redirect('/docs/api'))
  app.get('/api/openapi.json', (context) => context.json(made()))
  app.get('/docs/api', (context) => {
    page ??= docsPage(made())
    return context.html(page.html, 200, { 'Content-Security-Policy': page.policy, 'X-Content-Type-Options': 'nosniff' })
  })
}
