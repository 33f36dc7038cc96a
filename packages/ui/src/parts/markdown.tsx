import { lazy, Suspense } from 'react'
import type { ReactElement } from 'react'

const Rendered = lazy(async () => ({ default: (await import('./markdown-rendered.tsx')).MarkdownRendered }))

/** Text in Markdown; until its renderer is there, as it was written. */
export function Markdown({ text }: { readonly text: string }): ReactElement {
  return (
    <Suspense fallback={<pre className="font-sans text-sm whitespace-pre-wrap">{text}</pre>}>
      <Rendered text={text} />
    </Suspense>
  )
}
