// The reference of the API for people: one page, made from the same declaration, that needs nothing from elsewhere.
import { createHash } from 'node:crypto'
import type { OpenApi, Operation } from '../api/openapi.ts'

type Json = Readonly<Record<string, unknown>>

export interface DocsPage {
  readonly html: string
  /** Lets the page's own style and script run, and nothing else. */
  readonly policy: string
}

export function docsPage(document: OpenApi): DocsPage {
  const nouns = Map.groupBy(entriesOf(document), ({ operation }) => operation.tags[0] ?? '')
  const sections = [...nouns].map(([noun, entries]) => section(noun, entries, document))
  const links = [...nouns].map(([noun, entries]) => `<a href="#${noun}">${escape(title(noun))}<span>${entries.length}</span></a>`)
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Tutti API</title>
<style>${STYLE}</style>
</head>
<body>
<nav aria-label="Nouns">
<h1>Tutti API</h1>
<p class="version">${escape(document.info.version)} · <a href="/api/openapi.json">openapi.json</a></p>
<input id="search" type="search" placeholder="Search" aria-label="Search the API" autocomplete="off" autofocus>
<div class="links">${links.join('')}</div>
</nav>
<main>
<p class="lead">${escape(document.info.description)} Every path lies below <code>/api</code>. Bodies are JSON. An error says what happened, its permanent code, and what to do about it.</p>
${sections.join('\n')}
<p id="nothing" hidden>Nothing is called so.</p>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`
  const policy = `default-src 'none'; style-src '${hashOf(STYLE)}'; script-src '${hashOf(SCRIPT)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
  return { html, policy }
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

interface Entry {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

function entriesOf({ paths }: OpenApi): readonly Entry[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
}

function section(noun: string, entries: readonly Entry[], document: OpenApi): string {
  return `<section id="${noun}"><h2>${escape(title(noun))}</h2>\n${entries.map((entry) => article(entry, document)).join('\n')}\n</section>`
}

function article({ method, path, operation }: Entry, document: OpenApi): string {
  const { operationId, summary, parameters, requestBody, responses } = operation
  const words = `${method} ${path} ${summary} ${operationId}`.toLowerCase()
  const parts = [
    ...(parameters.length === 0 ? [] : ['<h4>Parameters</h4>', list(parameters.map((each) => ({ ...each, note: each.in })))]),
    ...(requestBody === undefined ? [] : ['<h4>Body</h4>', contentOf(requestBody.content, document)]),
    '<h4>Answers</h4>',
    ...Object.entries(responses).map(
      ([status, { description, content }]) =>
        `<div class="answer"><p><b class="s${status[0]}">${status}</b> ${inline(description)}</p>${content === undefined || Number(status) >= 400 ? '' : contentOf(content, document)}</div>`,
    ),
  ]
  return `<details id="${escape(operationId)}" data-words="${escape(words)}"><summary><span class="method ${method.toLowerCase()}">${method}</span><code>${path
    .split('/')
    .map((part) => escape(part))
    .join('/<wbr>')}</code><span class="summary">${escape(summary)}</span></summary><div class="body">${parts.join('')}</div></details>`
}

interface Member {
  readonly name: string
  readonly required: boolean
  readonly schema: Json
  readonly note?: string
}

function contentOf(content: Readonly<Record<string, { readonly schema: Json }>>, document: OpenApi): string {
  return Object.entries(content)
    .map(([media, { schema }]) => {
      const { of, lead } = unwrapped(schema, document)
      const members = membersOf(of)
      const name = media === 'application/json' ? '' : `<code>${escape(media)}</code> `
      const kind = `<p class="kind">${name}${escape(lead === '' ? typeText(schema) : lead)}</p>`
      return members.length === 0 ? kind : `${kind}${list(members)}`
    })
    .join('')
}

/** What an array holds or a reference names, and how it is called. */
function unwrapped(schema: Json, document: OpenApi): { readonly of: Json; readonly lead: string } {
  const target = named(schema, document)
  if (target !== undefined) return { of: target.schema, lead: target.name }
  if (schema['type'] === 'array' && isJson(schema['items'])) {
    const inner = unwrapped(schema['items'], document)
    return { of: inner.of, lead: `list of ${inner.lead === '' ? typeText(schema['items']) : inner.lead}` }
  }
  return { of: schema, lead: '' }
}

function named(schema: Json, { components }: OpenApi): { readonly name: string; readonly schema: Json } | undefined {
  const reference = schema['$ref']
  const name = typeof reference === 'string' ? (reference.split('/').at(-1) ?? '') : ''
  const found = components.schemas[name]
  return found === undefined ? undefined : { name, schema: found }
}

function membersOf(schema: Json): readonly Member[] {
  const properties = isJson(schema['properties']) ? schema['properties'] : {}
  const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.entries(properties).map(([name, each]) => ({ name, required: required.includes(name), schema: isJson(each) ? each : {} }))
}

function list(members: readonly Member[]): string {
  const rows = members.map(({ name, required, schema, note }) => {
    const more = [note, schema['default'] === undefined ? undefined : `default ${JSON.stringify(schema['default'])}`, described(schema)]
    const said = more.filter((each) => each !== undefined && each !== '').join(' · ')
    return `<tr><td><code>${escape(name)}</code>${required ? '<i title="must be given">*</i>' : ''}</td><td>${escape(typeText(schema))}</td><td>${escape(said)}</td></tr>`
  })
  return `<table>${rows.join('')}</table>`
}

function described(schema: Json): string | undefined {
  return typeof schema['description'] === 'string' ? schema['description'] : undefined
}

const TYPE_TEXT_MAX = 160

function typeText(schema: Json): string {
  const text = typeWords(schema)
  return text.length > TYPE_TEXT_MAX ? `${text.slice(0, TYPE_TEXT_MAX)}…` : text
}

function typeWords(schema: Json): string {
  const target = typeof schema['$ref'] === 'string' ? schema['$ref'].split('/').at(-1) : undefined
  if (target !== undefined) return target
  const choices = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(choices)) return [...new Set(choices.filter(isJson).map((each) => typeWords(each)))].join(' or ')
  if (Array.isArray(schema['enum'])) return schema['enum'].map((each) => JSON.stringify(each)).join(' or ')
  if (schema['const'] !== undefined) return JSON.stringify(schema['const'])
  if (schema['type'] === 'array') return `list of ${isJson(schema['items']) ? typeWords(schema['items']) : 'anything'}`
  if (schema['type'] === 'object') {
    const members = membersOf(schema)
    return members.length === 0 ? 'object' : `{ ${members.map(({ name }) => name).join(', ')} }`
  }
  if (Array.isArray(schema['type'])) return schema['type'].map((each) => typeWords({ type: each })).join(' or ')
  const format = typeof schema['format'] === 'string' ? schema['format'] : undefined
  return format ?? (typeof schema['type'] === 'string' ? (TYPE_WORDS[schema['type']] ?? schema['type']) : 'any JSON')
}

const TYPE_WORDS: Readonly<Record<string, string>> = { string: 'text', integer: 'whole number', boolean: 'true or false' }

/** `taskRuns` → `Task runs`. */
function title(noun: string): string {
  const words = noun.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

function inline(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[char] ?? char)
}

const STYLE = `
:root{--bg:#fff;--side:#f7f7f5;--text:#1d1d1b;--dim:#6b6b66;--line:#e4e4df;--hover:#f2f2ee;--link:#3451b2;--get:#2563a8;--post:#2b7a3f;--put:#8a6100;--patch:#8a6100;--delete:#b3261e}
@media (prefers-color-scheme:dark){:root{--bg:#161618;--side:#1c1c1f;--text:#ececea;--dim:#9b9b96;--line:#303034;--hover:#222226;--link:#9db4ff;--get:#7cb4f2;--post:#7ccf92;--put:#e0b458;--patch:#e0b458;--delete:#f28b82}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;display:grid;grid-template-columns:15rem minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1.5rem 1rem;background:var(--side);border-right:1px solid var(--line)}
h1{font-size:1.1rem;margin:0 .5rem}
.version{margin:.1rem .5rem 1rem;color:var(--dim);font-size:.8rem}
a{color:var(--link);text-decoration:none}
a:hover{text-decoration:underline}
input{width:100%;padding:.45rem .6rem;margin-bottom:.75rem;font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:.4rem}
input:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--link);outline-offset:1px}
.links a{display:flex;justify-content:space-between;padding:.2rem .5rem;color:var(--text);border-radius:.3rem}
.links a:hover{background:var(--hover);text-decoration:none}
.links span{color:var(--dim);font-size:.8rem;font-variant-numeric:tabular-nums}
main{padding:1.5rem 2.5rem 6rem;max-width:62rem}
.lead{color:var(--dim);max-width:44rem}
h2{font-size:1.15rem;margin:2.5rem 0 .6rem}
h4{font-size:.72rem;text-transform:uppercase;letter-spacing:.06em;color:var(--dim);margin:1rem 0 .3rem}
code{font:.87em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
details{border:1px solid var(--line);border-bottom-width:0}
details:first-of-type{border-radius:.5rem .5rem 0 0}
details:last-of-type{border-bottom-width:1px;border-radius:0 0 .5rem .5rem}
details:only-of-type{border-radius:.5rem}
summary{display:flex;gap:.75rem;align-items:baseline;padding:.5rem .8rem;cursor:pointer;list-style:none}
summary::-webkit-details-marker{display:none}
summary:hover{background:var(--hover)}
.method{flex:0 0 4rem;font:600 .72rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.get{color:var(--get)}.post{color:var(--post)}.put{color:var(--put)}.patch{color:var(--patch)}.delete{color:var(--delete)}
summary code{flex:0 1 auto}
.summary{margin-left:auto;color:var(--dim);font-size:.85rem;text-align:right}
.body{padding:0 .8rem 1rem 5.55rem;border-top:1px solid var(--line)}
table{border-collapse:collapse;width:100%;font-size:.87rem}
td{padding:.25rem .75rem .25rem 0;border-top:1px solid var(--line);vertical-align:top}
tr:first-child td{border-top:0}
td:first-child{white-space:nowrap;width:1%}
td:nth-child(3){color:var(--dim)}
td i{color:var(--delete);margin-left:.15rem}
.answer p,.kind{margin:.2rem 0}
.kind{color:var(--dim);font-size:.87rem}
.s2{color:var(--post)}.s4,.s5{color:var(--delete)}
@media (max-width:48rem){body{display:block}nav{position:static;height:auto;border-right:0;border-bottom:1px solid var(--line)}.links{display:none}main{padding:1rem 1rem 4rem}summary{flex-wrap:wrap}.summary{margin-left:4.75rem;text-align:left;flex-basis:100%}.body{padding-left:.8rem}table{display:block;overflow-x:auto}}
`

const SCRIPT = `
const search=document.getElementById('search'),nothing=document.getElementById('nothing'),all=[...document.querySelectorAll('details')];
function find(){const words=search.value.toLowerCase().split(/\\s+/).filter(Boolean);let shown=0;
for(const each of all){each.hidden=!words.every(word=>each.dataset.words.includes(word));if(!each.hidden)shown++}
for(const section of document.querySelectorAll('section'))section.hidden=!section.querySelector('details:not([hidden])');
nothing.hidden=shown>0}
search.addEventListener('input',find);
document.addEventListener('keydown',event=>{if(event.key==='/'&&document.activeElement!==search){event.preventDefault();search.focus()}});
function open(){const target=location.hash.length>1&&document.getElementById(decodeURIComponent(location.hash.slice(1)));if(target&&target.tagName==='DETAILS')target.open=true}
addEventListener('hashchange',open);open();
for(const each of all)each.addEventListener('toggle',()=>{if(each.open)history.replaceState(null,'','#'+each.id)});
`
