import { createRequire } from 'node:module'
import type { z } from 'zod'

export type Zod = typeof z

/**
 * The zod that fields of blocks are made with, loaded by the first who asks: importing `tutti` must not load it. It is the very module that
 * `import 'zod'` gives, so whoever writes fields has it in memory already; `require` can load it because nothing in it awaits.
 */
export function loadZod(): Zod {
  const require = createRequire(import.meta.url)
  // What `require` would find is a copy for CommonJS, beside the module.
  const module = require(require.resolve('zod').replace(/\.cjs$/, '.js')) as { readonly z: Zod } // what zod exports
  return module.z
}
