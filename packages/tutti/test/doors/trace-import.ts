// Imports the door named on the command line and prints, as one line of JSON, what it exports, every file that was
// loaded for it, and how long that took.
import { registerHooks } from 'node:module'

const [, , door = ''] = process.argv
const urls: string[] = []
registerHooks({
  load(url, context, nextLoad) {
    urls.push(url)
    return nextLoad(url, context)
  },
})

const startedAt = performance.now()
const loaded: object = await import(door)
const importMs = performance.now() - startedAt
console.log(
  JSON.stringify({
    names: Object.keys(loaded).sort(),
    urls: urls.filter((url) => url.startsWith('file:')),
    builtins: urls.filter((url) => url.startsWith('node:')),
    importMs,
  }),
)
