import { expect, test } from 'vitest'
import { api } from './index.ts'
import type { Endpoint } from './endpoint.ts'

/** As `oxfmt` would write it. */
function drawn(): string {
  const nouns = Object.entries<Readonly<Record<string, Endpoint>>>(api).map(([noun, endpoints]) => {
    const verbs = Object.entries(endpoints).map(([verb, endpoint]) => `    ${verb}: ${callOf(endpoint)},\n`)
    return `  ${noun}: {\n${verbs.join('')}  },\n`
  })
  return `${HEAD}export const calls = {\n${nouns.join('')}} as const satisfies Record<keyof Api, Record<string, WireCall>>\n`
}

const HEAD = `// How each verb of the API is called: drawn from the declarations in this folder, so that a client need not load them.
// Not edited by hand: \`npx vitest run --project unit api/calls -u\` writes it anew.
import type { WireCall } from './wire-call.ts'
import type { Api } from './index.ts'

`

function callOf({ method, path, output, media, bytes }: Endpoint): string {
  const answer = output === undefined ? 'nothing' : answerOf(media)
  const members = [
    `method: '${method}'`,
    `path: '${path}'`,
    ...(answer === 'json' ? [] : [`answer: '${answer}'`]),
    ...(bytes === true ? ['bytes: true'] : []),
  ]
  return `{ ${members.join(', ')} }`
}

function answerOf(media: string | undefined): string {
  if (media === undefined) return 'json'
  return media === 'application/octet-stream' ? 'bytes' : 'text'
}

test('the calls of the client are those that the API declares', async () => {
  await expect(drawn()).toMatchFileSnapshot('./calls.ts')
})
