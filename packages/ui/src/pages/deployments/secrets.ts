const SECRET = /(?:pass(?:word|wd|phrase)?|secret|token|credential|api[-_]?key|private[-_]?key|access[-_]?key|auth)$/i
/** `https://user:password@host` */
const IN_ADDRESS = /(\w+:\/\/)[^/\s:@]+:[^/\s@]+@/g

/** The same, where nobody can read secrets over a shoulder. References to secrets (`{{ … }}`) say nothing and stay. */
export function withoutSecrets(value: unknown, name = ''): unknown {
  if (typeof value === 'string') {
    if (SECRET.test(name) && !/^\s*\{\{.*\}\}\s*$/.test(value)) return '••••••••'
    return value.replaceAll(IN_ADDRESS, '$1••••@')
  }
  if (Array.isArray(value)) return value.map((each: unknown) => withoutSecrets(each, name))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutSecrets(member, key)]))
}
