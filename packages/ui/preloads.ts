// What a page needs is named in it, so that it is fetched beside the scripts that would ask for it only later.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin, Rollup } from 'vite'

const ROUTER = fileURLToPath(new URL('src/router.tsx', import.meta.url))
/** A route as `router.tsx` writes it: its path, and the module of its page. */
const ROUTE = /page\('([^']+)', '\w+', \(\) => import\('\.\/(pages\/[^']+)'\)/g
/** The text of pages; other alphabets are fetched when a page has letters of them. */
const FONT = /\/inter-latin-wght-normal-[^/]*\.woff2$/

/**
 * Puts the font into the page, and `preloads.json` beside it: by the path of each route the scripts of its page, which the server puts
 * into the page it sends for that path.
 */
export function preloads(): Plugin {
  return {
    name: 'preloads',
    apply: 'build',
    generateBundle(_options, bundle) {
      const source = JSON.stringify(preloadsOf(Object.values(bundle)))
      this.emitFile({ type: 'asset', fileName: 'preloads.json', source })
    },
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle = {} }) => {
        const font = Object.keys(bundle).find((name) => FONT.test(name))
        if (font === undefined) throw new Error('the font of the dashboard is not among what was built')
        return [
          {
            tag: 'link',
            injectTo: 'head',
            attrs: { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: true, href: `./${font}` },
          },
        ]
      },
    },
  }
}

type Output = Rollup.OutputBundle[string]

function preloadsOf(outputs: readonly Output[]): Readonly<Record<string, readonly string[]>> {
  const chunks = new Map(outputs.flatMap((each) => (each.type === 'chunk' ? [[each.fileName, each] as const] : [])))
  const entry = [...chunks.values()].find(({ isEntry }) => isEntry)
  if (entry === undefined) throw new Error('the dashboard has no entry')
  const first = closure(entry.fileName, chunks)
  const routes = [...readFileSync(ROUTER, 'utf8').matchAll(ROUTE)]
  return Object.fromEntries(
    routes.map(([, path, module]) => {
      const page = [...chunks.values()].find(({ facadeModuleId }) => facadeModuleId?.endsWith(`/src/${module}`))
      if (page === undefined) throw new Error(`the page of ${path}, ${module}, is not among what was built`)
      return [path!, [...closure(page.fileName, chunks)].filter((name) => !first.has(name))]
    }),
  )
}

/** A chunk and all that it imports at once. */
function closure(from: string, chunks: ReadonlyMap<string, Rollup.OutputChunk>): ReadonlySet<string> {
  const found = new Set([from])
  for (const name of found) for (const imported of chunks.get(name)?.imports ?? []) found.add(imported)
  return found
}
