// Holds source files against the table in `rooms.ts`; answers with one sentence for every arrow that is not allowed.
import path from 'node:path'
import { doors, exceptions, impure, pureRooms, rooms, worldly, worldlyAllowances, worldlyImports } from './rooms.ts'
import { readSourceFile, type Import } from './source-file.ts'

/** @param sources - text by path below `src/`, with forward slashes. */
export function checkArchitecture(sources: ReadonlyMap<string, string>): string[] {
  return [...sources].flatMap(([file, text]) => checkFile(file, text))
}

function checkFile(file: string, text: string): string[] {
  const room = roomOf(file)
  if (room !== undefined && rooms[room] === undefined)
    return [`${file}: no room is named ${room}; rooms are listed in test/architecture/rooms.ts`]

  const { imports, uses } = readSourceFile(file, text)
  const wrongImports = imports
    .filter((each) => !mayImport(file, each))
    .map((each) => `${file}:${each.line} must not import ${describe(each)}`)
  if (room === 'system') return wrongImports

  const forbidden = room !== undefined && pureRooms.includes(room) ? [...worldly, ...impure] : worldly
  const allowed = worldlyAllowances.filter(({ files }) => matches(file, files)).flatMap(({ names }) => names)
  const wrongUses = uses
    .filter(({ name }) => forbidden.some((each) => name === each || name.startsWith(`${each}.`)) && !allowed.includes(name))
    .map(({ name, line }) => `${file}:${line} must not use ${name}: only system/ touches it`)
  const wrongNames = imports
    .filter(({ isType }) => !isType)
    .flatMap(({ specifier, names, line }) =>
      worldlyNames(specifier, names).map((name) => `${file}:${line} must not import ${name} from ${specifier}: only system/ touches it`),
    )
  return [...wrongImports, ...wrongUses, ...wrongNames]
}

function worldlyNames(specifier: string, names: readonly string[]): readonly string[] {
  const forbidden = worldlyImports[specifier] ?? []
  if (forbidden.includes('*')) return names.length === 0 ? ['*'] : names
  return names.filter((name) => forbidden.includes(name) || (name === '*' && forbidden.length > 0))
}

function mayImport(file: string, { specifier, isType }: Import): boolean {
  const room = roomOf(file)
  const extra = exceptions.filter(({ files }) => matches(file, files))
  const rules = room === undefined ? undefined : rooms[room]
  if (specifier.startsWith('.')) {
    const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
    const targetRoom = roomOf(target)
    // A file beside or below is the same room; nothing outside `src/` may be reached.
    if (target.startsWith('..')) return false
    if (room !== undefined && room === targetRoom) return true
    const allowed = rules === undefined ? (doors[file] ?? []) : [...rules.imports, ...(isType ? (rules.typeImports ?? []) : [])]
    return [...allowed, ...extra.flatMap(({ imports }) => imports ?? [])].some((each) => each === targetRoom || each === target)
  }
  if (rules === undefined) return false
  if (specifier.startsWith('node:')) return rules.node
  const name = packageOf(specifier)
  const allowed = [...(rules.packages ?? []), ...(isType ? (rules.typePackages ?? []) : [])]
  return [...allowed, ...extra.flatMap(({ packages }) => packages ?? [])].includes(name)
}

function roomOf(file: string): string | undefined {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : undefined
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** `engine/*` stands for everything below `engine/`. */
function matches(file: string, pattern: string): boolean {
  return pattern.endsWith('/*') ? file.startsWith(pattern.slice(0, -1)) : file === pattern
}

function describe({ specifier, isType }: Import): string {
  return isType ? `the type of ${specifier}` : specifier
}
