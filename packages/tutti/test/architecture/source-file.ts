// Reads one source file: what it imports and which names of the world it touches.
import { parseSync, Visitor } from 'oxc-parser'

export interface Import {
  readonly specifier: string
  readonly isType: boolean
  /** By `import()`, when the code comes to it. */
  readonly isLazy: boolean
  /** Imported names; `*` for a whole module, also when it is imported dynamically. */
  readonly names: readonly string[]
  readonly line: number
}

export interface Use {
  /** `console.log`, `setTimeout`, `new Date()`. */
  readonly name: string
  readonly line: number
}

export interface SourceFile {
  readonly imports: readonly Import[]
  readonly uses: readonly Use[]
}

/** The few fields of a syntax node that are looked at; positions and parents are all this needs. */
interface Node {
  readonly type: string
  readonly start: number
}

/** The name after the dot, or in `['…']`. */
function memberName({
  computed,
  property,
}: {
  computed: boolean
  property: { type: string; name?: unknown; value?: unknown }
}): string | undefined {
  if (!computed) return typeof property.name === 'string' ? property.name : undefined
  return typeof property.value === 'string' ? property.value : undefined
}

export function readSourceFile(file: string, text: string): SourceFile {
  const { program, module, errors } = parseSync(file, text)
  if (errors[0] !== undefined) throw new Error(`${file} cannot be parsed: ${errors[0].message}`)
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length

  const imports: Import[] = []
  for (const { moduleRequest, entries, start } of module.staticImports) {
    const isType = entries.length > 0 && entries.every((entry) => entry.isType)
    const names = entries.map((entry) => (entry.importName.kind === 'Default' ? 'default' : (entry.importName.name ?? '*')))
    imports.push({ specifier: moduleRequest.value, isType, isLazy: false, names, line: lineOf(start) })
  }
  for (const { entries, start } of module.staticExports) {
    for (const { moduleRequest, isType, importName } of entries) {
      if (moduleRequest)
        imports.push({ specifier: moduleRequest.value, isType, isLazy: false, names: [importName.name ?? '*'], line: lineOf(start) })
    }
  }
  for (const { moduleRequest, start } of module.dynamicImports) {
    // Only a literal says what is loaded; a computed one is the user's file.
    const [, specifier] = /^(?:'|"|`)([^'"`$]+)(?:'|"|`)$/.exec(text.slice(moduleRequest.start, moduleRequest.end)) ?? []
    if (specifier !== undefined) imports.push({ specifier, isType: false, isLazy: true, names: ['*'], line: lineOf(start) })
  }

  const uses: Use[] = []
  const declared = new Set<string>()
  /** Offsets of identifiers that are no reference to a global: keys, members, declarations, parts of types. */
  const named = new Set<number>()
  const references = new Map<number, string>()
  /** `now` at the offset of the `Date` in `Date.now`. */
  const members = new Map<number, string>()
  const skip = (node: Node | null | undefined): void => {
    if (node?.type === 'Identifier') named.add(node.start)
  }
  const declare = (node: { type: string; start: number; name?: string } | null | undefined): void => {
    if (node?.type !== 'Identifier' || node.name === undefined) return
    declared.add(node.name)
    named.add(node.start)
  }

  new Visitor({
    MemberExpression(node) {
      if (!node.computed) skip(node.property)
      const member = memberName(node)
      if (node.object.type !== 'Identifier' || member === undefined) return
      members.set(node.object.start, member)
      // `globalThis.setTimeout` is `setTimeout`.
      if (node.object.name === 'globalThis') uses.push({ name: member, line: lineOf(node.start) })
    },
    Property(node) {
      if (!node.computed && !node.shorthand) skip(node.key)
    },
    MethodDefinition(node) {
      if (!node.computed) skip(node.key)
    },
    PropertyDefinition(node) {
      if (!node.computed) skip(node.key)
    },
    TSPropertySignature(node) {
      if (!node.computed) skip(node.key)
    },
    TSMethodSignature(node) {
      if (!node.computed) skip(node.key)
      for (const parameter of node.params) skip(parameter)
    },
    TSFunctionType(node) {
      for (const parameter of node.params) skip(parameter)
    },
    TSTypeReference(node) {
      skip(node.typeName)
    },
    TSQualifiedName(node) {
      skip(node.left)
      skip(node.right)
    },
    TSTypeQuery(node) {
      skip(node.exprName)
    },
    TSInterfaceHeritage(node) {
      skip(node.expression)
    },
    ImportSpecifier(node) {
      declare(node.local)
      skip(node.imported)
    },
    ImportNamespaceSpecifier(node) {
      declare(node.local)
    },
    ImportDefaultSpecifier(node) {
      declare(node.local)
    },
    ExportSpecifier(node) {
      skip(node.exported)
    },
    VariableDeclarator(node) {
      declare(node.id)
    },
    FunctionDeclaration(node) {
      declare(node.id)
      for (const parameter of node.params) declare(parameter.type === 'Identifier' ? parameter : undefined)
    },
    FunctionExpression(node) {
      for (const parameter of node.params) declare(parameter.type === 'Identifier' ? parameter : undefined)
    },
    ArrowFunctionExpression(node) {
      for (const parameter of node.params) declare(parameter.type === 'Identifier' ? parameter : undefined)
    },
    ObjectPattern(node) {
      for (const property of node.properties) {
        if (property.type === 'Property') declare(property.value.type === 'Identifier' ? property.value : undefined)
      }
    },
    LabeledStatement(node) {
      skip(node.label)
    },
    NewExpression(node) {
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'Date') return
      skip(node.callee)
      if (node.arguments.length === 0) uses.push({ name: 'new Date()', line: lineOf(node.start) })
    },
    CallExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date') uses.push({ name: 'Date()', line: lineOf(node.start) })
    },
    Identifier(node) {
      references.set(node.start, node.name)
    },
  }).visit(program)

  for (const [start, name] of references) {
    // What the file declares itself is not the global of that name.
    if (named.has(start) || declared.has(name)) continue
    const member = members.get(start)
    uses.push({ name: member === undefined ? name : `${name}.${member}`, line: lineOf(start) })
  }
  return { imports, uses }
}
