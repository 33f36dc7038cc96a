import { readFileSync } from 'node:fs'

/** The version of this package. */
export function ownVersion(): string {
  // The same depth in `src/` and in `dist/`; our own file, so its shape is known.
  const file = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string }
  return file.version
}
