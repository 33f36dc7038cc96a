import type { PlainBrowser } from './plain-browser.ts'

/** Milliseconds without a question under way after which nothing more is to come. */
const QUIET_MS = 150
const WITHIN_MS = 60_000

/** Streams stay open for as long as the page does. */
const COUNT_QUESTIONS = `(() => {
  const fetchIt = globalThis.fetch
  const open = new Set()
  globalThis.tuttiQuestions = open
  globalThis.fetch = (...given) => {
    const url = String(given[0]?.url ?? given[0])
    if (url.includes('/api/live/')) return fetchIt(...given)
    const question = {}
    open.add(question)
    return fetchIt(...given).finally(() => open.delete(question))
  }
})()`

/** Resolves with the moment, in ms since the start of navigation, since which the page has its heading and waits for nothing. */
const INTERACTIVE = `new Promise((resolve, reject) => {
  const deadline = performance.now() + ${WITHIN_MS}
  let since
  const look = () => {
    const isThere = document.querySelector('main h1') !== null && document.querySelector('main [role=status][aria-label=Loading]') === null
    const isQuiet = isThere && globalThis.tuttiQuestions.size === 0
    const now = performance.now()
    if (!isQuiet) since = undefined
    else since ??= now
    if (since !== undefined && now - since >= ${QUIET_MS}) return resolve(since)
    if (now > deadline) return reject(new Error('the page is still waiting'))
    setTimeout(look, 10)
  }
  look()
})`

/** How long a page takes until it shows what it is for, with an empty cache of the browser. */
export function timeToInteractive(browser: PlainBrowser, url: string): Promise<number> {
  return browser.visit({ url, before: COUNT_QUESTIONS, asked: INTERACTIVE })
}
