// Imported before a script: when it ends, the file named by TRACE_FILE holds every file that was loaded for it.
import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const urls: string[] = []
registerHooks({
  load(url, context, nextLoad) {
    urls.push(url)
    return nextLoad(url, context)
  },
})
process.on('exit', () => writeFileSync(process.env['TRACE_FILE'] ?? '', urls.join('\n')))
