import { randomUUID } from 'node:crypto'
import { tableName } from './catalog.ts'
import type { Catalog, TableName } from './catalog.ts'
import { boundParameters, statementType, toEngineSql } from './dialect.ts'
import type { Bound, Engine } from './engine.ts'
import { fieldOf, quoteName } from './fields.ts'
import type { Field } from './fields.ts'
import { Refusal } from './refusal.ts'
import type { IJobConfigurationQuery, IJobStatistics2 } from './wire.ts'

const MIB = 1024 * 1024
/** What a query that reads anything is billed for at least. */
const BILLED_MIN = 10 * MIB

export interface QueryDone {
  readonly statistics: IJobStatistics2
  /** Where the rows of a SELECT are. */
  readonly result: QueryResult | undefined
}

export interface QueryResult {
  readonly relation: string
  readonly fields: readonly Field[]
  readonly rows: number
  isExpired: boolean
}

interface Asked {
  readonly projectId: string
  readonly dryRun: boolean
  readonly config: IJobConfigurationQuery
}

export async function query(engine: Engine, catalog: Catalog, { projectId, dryRun, config }: Asked): Promise<QueryDone> {
  const sql = toEngineSql(config.query ?? '', config.queryParameters)
  if (sql === '') throw new Refusal(400, 'required', 'Required parameter is missing: query')
  const bound = boundParameters(config.queryParameters)
  const schemaName = config.defaultDataset?.datasetId
  if (schemaName !== undefined) catalog.dataset(projectId, schemaName)
  await engine.run(`set schema = ${schemaName === undefined ? "'main'" : `'${quoteName(schemaName)}'`}`)
  try {
    return await asked(engine, catalog, { projectId, dryRun, config, sql, bound })
  } catch (error) {
    throw error instanceof Refusal ? error : explained(error, projectId)
  } finally {
    await engine.run("set schema = 'main'")
  }
}

async function asked(
  engine: Engine,
  catalog: Catalog,
  { projectId, dryRun, config, sql, bound }: Asked & { readonly sql: string; readonly bound: Bound | undefined },
): Promise<QueryDone> {
  const type = statementType(sql)
  const columns = await engine.describe(sql)
  const referenced = await referencedTables(engine, catalog, { projectId, sql, datasetId: config.defaultDataset?.datasetId })
  const bytes = (await Promise.all(referenced.map((table) => catalog.sizeBytes(table)))).reduce((sum, size) => sum + size, 0)
  const billed = bytes === 0 ? 0 : Math.max(BILLED_MIN, Math.ceil(bytes / MIB) * MIB)
  const limit = config.maximumBytesBilled
  if (limit !== undefined && billed > Number(limit)) {
    throw new Refusal(400, 'bytesBilledLimitExceeded', `Query exceeded limit for bytes billed: ${limit}. ${billed} or higher required.`)
  }
  const statistics = {
    statementType: type,
    totalBytesProcessed: String(bytes),
    cacheHit: false,
    referencedTables: referenced.map(({ datasetId, tableId }) => ({ projectId, datasetId, tableId })),
  }
  if (dryRun) {
    const fields = type === 'SELECT' ? columns.map(([name, of], index) => fieldOf(columnName(name, index), of)) : []
    return { statistics: { ...statistics, totalBytesBilled: '0', schema: { fields } }, result: undefined }
  }
  const done = { ...statistics, totalBytesBilled: String(billed), totalSlotMs: String(1 + Math.ceil(bytes / 1024)) }
  if (type !== 'SELECT') return { statistics: { ...done, ...(await change(engine, type, { sql, bound })) }, result: undefined }
  const result = await select(engine, { sql, bound, columns })
  const destination = config.destinationTable
  if (destination?.tableId !== undefined) {
    await catalog.place(tableName(projectId, destination), result.relation, {
      write: config.writeDisposition ?? 'WRITE_EMPTY',
      create: config.createDisposition ?? 'CREATE_IF_NEEDED',
      mayAddFields: config.schemaUpdateOptions?.includes('ALLOW_FIELD_ADDITION') ?? false,
      schema: result.fields,
      properties: {
        ...(config.timePartitioning !== undefined && { timePartitioning: config.timePartitioning }),
        ...(config.clustering !== undefined && { clustering: config.clustering }),
      },
    })
  }
  return { statistics: done, result }
}

async function change(
  engine: Engine,
  type: string,
  { sql, bound }: { readonly sql: string; readonly bound: Bound | undefined },
): Promise<IJobStatistics2> {
  const answer = await engine.run(sql, bound)
  const changed = type === 'OTHER' || type === 'CREATE_TABLE_AS_SELECT' ? undefined : String(answer.getRows()[0]?.[0] ?? 0)
  return changed === undefined ? { ddlOperationPerformed: 'CREATE' } : { numDmlAffectedRows: changed }
}

async function select(
  engine: Engine,
  {
    sql,
    bound,
    columns,
  }: { readonly sql: string; readonly bound: Bound | undefined; readonly columns: readonly (readonly [string, string])[] },
): Promise<QueryResult> {
  const fields = columns.map(([name, type], index) => fieldOf(columnName(name, index), type))
  const relation = `temp.main.${quoteName(`result_${randomUUID()}`)}`
  const names = fields.map(({ name }) => quoteName(name ?? '')).join(', ')
  await engine.run(`create temp table ${relation.slice('temp.main.'.length)} as select * from (${sql}) as answer(${names})`, bound)
  return { relation, fields, rows: Number(await engine.value(`select count(*) from ${relation}`)), isExpired: false }
}

/** A column without a name of its own is `f0_`, `f1_` … */
function columnName(name: string, index: number): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : `f${index}_`
}

async function referencedTables(
  engine: Engine,
  catalog: Catalog,
  { projectId, sql, datasetId }: { readonly projectId: string; readonly sql: string; readonly datasetId: string | undefined },
): Promise<readonly TableName[]> {
  const names = engine.tableNames(sql).map((name) => name.split('.').map((part) => part.replaceAll(/^"|"$/g, '')))
  const tables = names.map((parts) =>
    tableName(projectId, { datasetId: parts.length > 1 ? (parts.at(-2) ?? '') : (datasetId ?? ''), tableId: parts.at(-1) ?? '' }),
  )
  const present = await Promise.all(tables.map(async (table) => ((await catalog.has(table)) ? [table] : [])))
  return present.flat()
}

function explained(error: unknown, projectId: string): Refusal {
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
  const [, table] = /Table with name (\S+) does not exist/.exec(message) ?? []
  const [, schema] = /schema "?(\w+)"? does not exist/i.exec(message) ?? []
  if (table !== undefined) return new Refusal(404, 'notFound', `Not found: Table ${projectId}:${table} was not found in location US`)
  if (schema !== undefined) return new Refusal(404, 'notFound', `Not found: Dataset ${projectId}:${schema} was not found in location US`)
  if (message.includes('INTERRUPT')) return new Refusal(400, 'stopped', 'Job execution was cancelled: User requested cancellation')
  return new Refusal(400, 'invalidQuery', message)
}
