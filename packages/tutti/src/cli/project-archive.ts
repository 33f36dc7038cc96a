// Deployments whose code lies in a storage: the files of the project become one archive, which is put there when it is not there yet.
import { lstat, readFile, readlink } from 'node:fs/promises'
import path from 'node:path'
import { ARCHIVE_BYTES_MAX, ARCHIVE_FILES_MAX } from '../core/archive-storage.ts'
import { ARCHIVE_STEP, readArchiveStep } from '../core/code-source.ts'
import type { ArchiveSource } from '../core/code-source.ts'
import type { DeploymentDefinition } from '../core/deployment-definition.ts'
import { TuttiError } from '../core/errors.ts'
import { isLinkInside } from '../core/tar.ts'
import type { TarEntry } from '../core/tar.ts'
import { keptFiles } from '../system/git.ts'
import type { Project } from './project-file.ts'

/** A project whose code has its hash, and is stored when the deployments are. */
export interface ProjectArchive {
  /** Those that keep their code in a storage name the archive. */
  readonly deployments: readonly DeploymentDefinition[]
  /** Puts the archive where it is not yet. Answers with a line for people for each place. */
  store(environment: Readonly<Record<string, string | undefined>>): Promise<readonly string[]>
}

/** Never part of code, whatever `.gitignore` says: packages are installed, secrets stay where they are. */
const LEFT_OUT = /(?:^|\/)(?:\.git|node_modules|\.env(?:\.[^/]*)?)(?:\/|$)/

/** @throws `CODE_ARCHIVE_TOO_LARGE`, `CODE_PROGRAM_MISSING` */
export async function packProject({ folder }: Project, deployments: readonly DeploymentDefinition[]): Promise<ProjectArchive> {
  const places = new Map<string, ArchiveSource>()
  for (const definition of deployments) {
    const place = placeOf(definition)
    if (place !== undefined) places.set(JSON.stringify([place.address, place.key]), place)
  }
  if (places.size === 0) return { deployments, store: async () => [] }
  const entries = await entriesOf(folder)
  const { packArchive, storeArchive } = await import('../worker/code/archive.ts')
  const packed = await packArchive(entries)
  return {
    deployments: deployments.map((definition) => withHash(definition, packed.hash)),
    async store(environment) {
      const lines: string[] = []
      for (const place of places.values()) {
        const isNew = await storeArchive(place, packed, { environment, signal: new AbortController().signal })
        const what = `${entries.length} files, ${Math.ceil(packed.bytes.length / 1024)} KiB`
        lines.push(isNew ? `Code stored: ${what} at ${place.address}.` : `Code is at ${place.address} already: ${what}.`)
      }
      return lines
    },
  }
}

function placeOf({ pullSteps, flowName, name }: DeploymentDefinition): ArchiveSource | undefined {
  const step = pullSteps.find((each) => Object.hasOwn(each, ARCHIVE_STEP))?.[ARCHIVE_STEP]
  return typeof step === 'object' && step !== null && !Array.isArray(step)
    ? readArchiveStep(step as Readonly<Record<string, unknown>>, `the code of ${flowName}/${name}`) // an object
    : undefined
}

function withHash(definition: DeploymentDefinition, hash: string): DeploymentDefinition {
  if (placeOf(definition) === undefined) return definition
  const pullSteps = definition.pullSteps.map((step) => {
    const fields = step[ARCHIVE_STEP]
    return typeof fields === 'object' && fields !== null && !Array.isArray(fields) ? { [ARCHIVE_STEP]: { ...fields, hash } } : step
  })
  return { ...definition, pullSteps }
}

async function entriesOf(folder: string): Promise<readonly TarEntry[]> {
  const files = await keptFiles(folder)
  if (files === null)
    throw new TuttiError('CODE_PROGRAM_MISSING', `git, which knows what \`.gitignore\` names in ${folder}, is not on this machine`)
  const named = files.filter((file) => !LEFT_OUT.test(file))
  if (named.length > ARCHIVE_FILES_MAX)
    throw new TuttiError(
      'CODE_ARCHIVE_TOO_LARGE',
      `${folder} has ${named.length} files, and an archive of code at most ${ARCHIVE_FILES_MAX}`,
    )
  const entries: TarEntry[] = []
  let bytes = 0
  for (const file of named) {
    const entry = await entryOf(folder, file)
    if (entry === undefined) continue
    entries.push(entry)
    bytes += entry.type === 'file' ? entry.bytes.length : 0
    if (bytes > ARCHIVE_BYTES_MAX)
      throw new TuttiError(
        'CODE_ARCHIVE_TOO_LARGE',
        `the files of ${folder} have more than ${ARCHIVE_BYTES_MAX / 1024 / 1024} MiB; ${file} is one too many`,
      )
  }
  return entries
}

/** `undefined`: deleted and not yet committed, or the folder of another repository. */
async function entryOf(folder: string, file: string): Promise<TarEntry | undefined> {
  const whole = path.join(folder, file)
  const found = await lstat(whole).catch(() => undefined)
  if (found === undefined) return undefined
  if (found.isSymbolicLink()) return linkOf(file, await readlink(whole))
  if (!found.isFile()) return undefined
  return { type: 'file', path: file, bytes: await readFile(whole), isProgram: (found.mode & 0o100) !== 0 }
}

/** What a link leads to on this machine is not there on that of a worker. */
function linkOf(file: string, target: string): TarEntry {
  if (isLinkInside(file, target)) return { type: 'link', path: file, target }
  throw new TuttiError('CODE_SOURCE_INVALID', `${file} is a link to ${target}, outside of the project, which is all that workers get`)
}
