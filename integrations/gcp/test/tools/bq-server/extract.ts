import { randomUUID } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { sqlName, tableName } from './catalog.ts'
import type { Catalog } from './catalog.ts'
import type { Engine } from './engine.ts'
import { quoteText } from './fields.ts'
import { invalid } from './refusal.ts'
import type { Storage } from './storage.ts'
import type { IJobConfigurationExtract, IJobStatistics4 } from './wire.ts'

interface Wanted {
  readonly projectId: string
  readonly config: IJobConfigurationExtract
  readonly storage: Storage
  readonly folder: string
}

/** Writes a table to one object; a `*` in its name becomes the number of the file. */
export async function extract(engine: Engine, catalog: Catalog, { projectId, config, storage, folder }: Wanted): Promise<IJobStatistics4> {
  const table = tableName(projectId, config.sourceTable ?? {})
  await catalog.table(table)
  const [uri] = config.destinationUris ?? []
  if (uri === undefined) throw invalid('Required parameter is missing: destinationUris')
  const file = path.join(folder, randomUUID())
  await engine.run(`copy ${sqlName(table)} to ${quoteText(file)} (${optionsOf(config)})`)
  if (config.compression === 'GZIP' && config.destinationFormat !== 'PARQUET')
    await writeFile(file, await promisify(gzip)(await readFile(file)))
  await storage.store(uri.replace('*', '000000000000'), file)
  await rm(file)
  return { destinationUriFileCounts: ['1'], inputBytes: String(await catalog.sizeBytes(table)) }
}

function optionsOf({ destinationFormat = 'CSV', printHeader = true, fieldDelimiter = ',' }: IJobConfigurationExtract): string {
  switch (destinationFormat) {
    case 'PARQUET':
      return 'format parquet'
    case 'NEWLINE_DELIMITED_JSON':
      return 'format json'
    case 'CSV':
      return `format csv, header ${printHeader}, delimiter ${quoteText(fieldDelimiter)}`
    default:
      throw invalid(`Invalid value for destinationFormat: ${destinationFormat} is not a valid value`)
  }
}
