import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plugin } from 'vite'

/** The terms of the fonts that a style sheet imports: they come as files of styles, of which the list of licences of scripts knows nothing. */
export function fontLicenses({ styles, fileName }: { readonly styles: string; readonly fileName: string }): Plugin {
  return {
    name: 'font-licenses',
    apply: 'build',
    async generateBundle() {
      const parts: string[] = []
      for (const name of fontPackages(readFileSync(styles, 'utf8'))) {
        const manifest = await this.resolve(`${name}/package.json`, styles)
        if (manifest === null) this.error(`the font ${name} is not installed`)
        const terms = readFileSync(join(dirname(manifest.id), 'LICENSE'), 'utf8').trim()
        parts.push(`## ${name}\n\n${terms}\n`)
      }
      this.emitFile({ type: 'asset', fileName, source: `# Fonts\n\n${parts.join('\n')}` })
    },
  }
}

/** The packages of fonts among the imports of a style sheet. */
export function fontPackages(styles: string): readonly string[] {
  return [...new Set([...styles.matchAll(/@import\s+['"](@fontsource[\w-]*\/[\w-]+)/g)].map(([, name]) => name ?? ''))]
}
