import { fileURLToPath } from 'node:url'
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { preloads } from './preloads.ts'
import { fontLicenses } from './font-licenses.ts'

const styles = fileURLToPath(new URL('src/theme.css', import.meta.url))

/** The server that `vite` asks while the dashboard is worked on. */
const server = process.env['TUTTI_API_URL'] ?? 'http://127.0.0.1:4200/api'

export default defineConfig({
  plugins: [react(), tailwind(), preloads(), fontLicenses({ styles, fileName: 'font-licenses.txt' })],
  // Every address in the build is relative: it works below whatever path a proxy puts it.
  base: './',
  resolve: { conditions: ['tutti-source', 'module', 'browser', 'development|production'] },
  server: { proxy: { '/api': { target: new URL(server).origin } } },
  build: {
    outDir: '../tutti/dist/ui',
    emptyOutDir: true,
    // Browsers of the last two years.
    target: 'es2023',
    reportCompressedSize: true,
    // The page allows no fonts and scripts but files of its server.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // What several pages use is one file: a page of twenty small ones waits longer for the last than for all their bytes.
        codeSplitting: { groups: [{ name: 'shared', minShareCount: 3 }] },
      },
    },
    // What others wrote ships with their names and terms.
    license: { fileName: 'licenses.txt' },
  },
})
