// Loaded before a program that is watched (`node --import`): tells the process that started it which of the user's files it loads.
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

registerHooks({
  load(url, context, nextLoad) {
    // Threads have no such channel. What is installed is not edited.
    if (url.startsWith('file:') && !url.includes('/node_modules/')) process.send?.({ loads: fileURLToPath(url) })
    return nextLoad(url, context)
  },
})
