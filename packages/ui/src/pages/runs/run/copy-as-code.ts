// A run as what one would write to have it once more.

export interface CodeFacts {
  /** `flow/deployment`; absent for a run without one. */
  readonly deployment: string | undefined
  readonly deploymentId: string | null
  readonly runName: string
  readonly flowName: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly tags: readonly string[]
  /** Up to and including `/api`. */
  readonly api: string
}

export interface Code {
  readonly typescript: string
  readonly cli: string
  /** Absent where there is no request for it. */
  readonly curl: string | undefined
}

export function codeOf(facts: CodeFacts): Code {
  return { typescript: typescript(facts), cli: cli(facts), curl: curl(facts) }
}

function typescript({ deployment, parameters, tags, api, flowName }: CodeFacts): string {
  if (deployment === undefined) return `await ${identifier(flowName)}(${literal(parameters, 0)})`
  const options = tags.length === 0 ? '' : `, ${literal({ tags }, 0)}`
  return [
    "import { createClient } from 'tutti/client'",
    '',
    `const client = createClient({ url: ${quoted(api)} })`,
    `const run = await client.deployment(${quoted(deployment)}).run(${literal(parameters, 0)}${options})`,
    'await run.wait()',
  ].join('\n')
}

function cli({ deployment, parameters, tags, runName }: CodeFacts): string {
  if (deployment === undefined) return `tutti flow-run rerun ${shell(runName)}`
  const options = [
    ...Object.entries(parameters).map(([name, value]) => `--param ${shell(`${name}=${typed(value)}`)}`),
    ...tags.map((tag) => `--tag ${shell(tag)}`),
  ]
  return [`tutti deployment run ${shell(deployment)}`, ...options].join(' \\\n  ')
}

function curl({ deploymentId, parameters, tags, api }: CodeFacts): string | undefined {
  if (deploymentId === null) return undefined
  const body = JSON.stringify({ parameters, ...(tags.length === 0 ? undefined : { tags }) })
  return [
    `curl -X POST ${shell(`${api}/deployments/${deploymentId}/create_flow_run`)}`,
    `-H 'Content-Type: application/json'`,
    `-d ${shell(body)}`,
  ].join(' \\\n  ')
}

/** As the command reads values: text that looks like JSON must be written as JSON. */
function typed(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return /^(?:[-\d[{"]|true$|false$|null$)/.test(value) && isJson(value) ? JSON.stringify(value) : value
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** A word of a POSIX shell. */
export function shell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

const ONE_LINE_MAX = 60

function literal(value: unknown, depth: number): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  const parts = Array.isArray(value)
    ? (value as readonly unknown[]).map((each) => literal(each, depth + 1))
    : Object.entries(value).map(([key, each]) => `${propertyName(key)}: ${literal(each, depth + 1)}`)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  if (parts.length === 0) return `${open}${close}`
  const gap = Array.isArray(value) ? '' : ' '
  const line = `${open}${gap}${parts.join(', ')}${gap}${close}`
  if (line.length <= ONE_LINE_MAX && !line.includes('\n')) return line
  const indent = '  '.repeat(depth + 1)
  return `${open}\n${parts.map((part) => `${indent}${part},\n`).join('')}${'  '.repeat(depth)}${close}`
}

function propertyName(key: string): string {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? key : quoted(key)
}

function quoted(text: string): string {
  return `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)}'`
}

/** A flow's name as it may be called in code. */
function identifier(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '')
  const joined = words.map((word, at) => (at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('')
  return /^\p{L}/u.test(joined) ? joined : `flow${joined}`
}
