// The same run, asked for from a program or a terminal.

export interface RunCode {
  readonly flowName: string
  readonly deploymentName: string
  readonly deploymentId: string
  readonly parameters: unknown
  readonly tags: readonly string[]
  readonly name: string | undefined
  /** Where the server is, with `/api`. */
  readonly url: string
}

/** With the types of the flow. */
export function asTypeScript({ flowName, deploymentName, parameters, tags, name, url }: RunCode): string {
  const variable = camel(flowName)
  const options = { ...(name === undefined ? undefined : { name }), ...(tags.length === 0 ? undefined : { tags }) }
  const given = Object.keys(options).length === 0 ? [parameters ?? {}] : [parameters ?? {}, options]
  return [
    `import { createClient } from 'tutti/client'`,
    `import type { ${variable} } from './${flowName}.ts'`,
    '',
    `const client = createClient({ url: '${url}' })`,
    `const run = await client.deployment<typeof ${variable}>('${flowName}/${deploymentName}').run(${given.map(literal).join(', ')})`,
  ].join('\n')
}

type CommandFacts = Pick<RunCode, 'flowName' | 'deploymentName'> & Partial<Pick<RunCode, 'parameters' | 'tags' | 'name'>>

export function asCommand({ flowName, deploymentName, parameters, tags = [], name }: CommandFacts): string {
  const members = Object.entries((parameters ?? {}) as object).map(([key, value]) => `--param ${quoted(`${key}=${plain(value)}`)}`)
  return [
    `tutti deployment run ${quoted(`${flowName}/${deploymentName}`)}`,
    ...members,
    ...(name === undefined ? [] : [`--name ${quoted(name)}`]),
    ...tags.map((tag) => `--tag ${quoted(tag)}`),
    '--watch',
  ].join(' ')
}

export function asCurl({ deploymentId, parameters, tags, name, url }: RunCode): string {
  const body = {
    parameters: parameters ?? {},
    ...(name === undefined ? undefined : { name }),
    ...(tags.length === 0 ? undefined : { tags }),
  }
  return [
    `curl -X POST ${quoted(`${url}/deployments/${deploymentId}/create_flow_run`)}`,
    `  -H 'content-type: application/json'`,
    `  -d ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n')
}

function camel(name: string): string {
  const words = name.split(/[^\p{L}\d]+/u).filter((word) => word !== '')
  const joined = words.map((word, at) => (at === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1)).join('')
  return joined === '' || /^\d/.test(joined) ? `flow${joined}` : joined
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).flatMap(([key, member]) =>
    member === undefined ? [] : [`${/^[\p{L}_$][\p{L}\d_$]*$/u.test(key) ? key : literal(key)}: ${literal(member)}`],
  )
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

/** As a shell takes it. */
export function quoted(text: string): string {
  return /^[\w./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
