import { createReadStream } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { isRequired, tableName } from './catalog.ts'
import type { Catalog } from './catalog.ts'
import type { Engine } from './engine.ts'
import { columnsOf, engineType, fieldOf, nameOf, quoteName, quoteText } from './fields.ts'
import type { Field } from './fields.ts'
import { invalid, Refusal } from './refusal.ts'
import { rowProblems } from './row-checks.ts'
import type { SourceFile } from './storage.ts'
import type { IErrorProto, IJobConfigurationLoad, IJobStatistics3, ITable } from './wire.ts'

/** A row of a file that cannot be stored, as the collection of a job's errors has it. */
type RowError = IErrorProto

export class BadRows extends Refusal {
  readonly errors: readonly RowError[]

  constructor(what: string, rows: number, errors: readonly RowError[]) {
    const message = `Error while reading data, error message: ${what} too many errors, giving up. Rows: ${rows}; errors: ${errors.length}. Please look into the errors[] collection for more details.`
    super(400, 'invalid', message, errors[0]?.location)
    this.errors = errors
  }
}

export interface LoadDone {
  readonly statistics: IJobStatistics3
  /** Rows that were left out. */
  readonly errors: readonly RowError[]
}

interface Staged {
  readonly schema: readonly Field[]
  readonly errors: readonly RowError[]
  readonly what: string
}

const STAGE = 'temp.main.staged'
/** Files in these formats say what is in them. */
const WITH_SCHEMA: ReadonlySet<string> = new Set(['PARQUET', 'AVRO', 'ORC'])

/** Brings files into a table: read into a stage, checked, and placed in one go. */
export async function load(
  engine: Engine,
  catalog: Catalog,
  {
    projectId,
    files,
    config,
  }: { readonly projectId: string; readonly files: readonly SourceFile[]; readonly config: IJobConfigurationLoad },
): Promise<LoadDone> {
  const table = tableName(projectId, config.destinationTable ?? {})
  const isThere = await catalog.has(table)
  const declared = config.schema?.fields ?? (isThere && config.autodetect !== true ? await catalog.fields(table) : undefined)
  const format = config.sourceFormat ?? 'CSV'
  if (declared === undefined && config.autodetect !== true && !WITH_SCHEMA.has(format))
    throw invalid('No schema specified on job or table.')
  const sizes = await Promise.all(files.map(async (file) => (await stat(file.path)).size))
  const staged = await stage(engine, { files, config, format, declared })
  const rows = Number(await engine.value(`select count(*) from ${STAGE}`))
  if (staged.errors.length > (config.maxBadRecords ?? 0)) throw new BadRows(staged.what, rows + staged.errors.length, staged.errors)
  await refuseNulls(engine, staged.schema)
  const outputRows = await catalog.place(table, STAGE, {
    write: config.writeDisposition ?? 'WRITE_APPEND',
    create: config.createDisposition ?? 'CREATE_IF_NEEDED',
    mayAddFields: config.schemaUpdateOptions?.includes('ALLOW_FIELD_ADDITION') ?? false,
    schema: staged.schema,
    properties: propertiesOf(config),
  })
  const inputFileBytes = String(sizes.reduce((sum, size) => sum + size, 0))
  const statistics = { inputFiles: String(files.length), inputFileBytes, outputRows: String(outputRows), outputBytes: inputFileBytes }
  return { statistics: { ...statistics, badRecords: String(staged.errors.length) }, errors: staged.errors }
}

function propertiesOf(config: IJobConfigurationLoad): ITable {
  const { timePartitioning, rangePartitioning, clustering, destinationTableProperties } = config
  return {
    ...destinationTableProperties,
    ...(timePartitioning !== undefined && { timePartitioning }),
    ...(rangePartitioning !== undefined && { rangePartitioning }),
    ...(clustering !== undefined && { clustering }),
  }
}

interface Source {
  readonly files: readonly SourceFile[]
  readonly config: IJobConfigurationLoad
  readonly format: string
  readonly declared: readonly Field[] | undefined
}

function stage(engine: Engine, source: Source): Promise<Staged> {
  switch (source.format) {
    case 'PARQUET':
      return stageParquet(engine, source)
    case 'NEWLINE_DELIMITED_JSON':
      return stageJson(engine, source)
    case 'CSV':
      return stageCsv(engine, source)
    case 'AVRO':
    case 'ORC':
      throw invalid(`This server cannot read ${source.format}; BigQuery can.`)
    default:
      throw invalid(`Invalid value for sourceFormat: ${source.format} is not a valid value`)
  }
}

async function stageParquet(engine: Engine, { files, declared }: Source): Promise<Staged> {
  const what = 'Parquet processing encountered'
  const reader = `read_parquet([${files.map((file) => quoteText(file.path)).join(', ')}], union_by_name = true)`
  try {
    const present = await engine.describe(`select * from ${reader}`)
    const names = new Set(present.map(([name]) => name))
    const known = (declared ?? []).filter((field) => names.has(field.name ?? ''))
    const added = present.filter(([name]) => known.every((field) => field.name !== name)).map(([name, type]) => fieldOf(name, type))
    const missing = (declared ?? []).find((field) => isRequired(field) && !names.has(field.name ?? ''))
    if (missing !== undefined) throw invalid(`Required field ${missing.name} is missing in the file`)
    const schema = declared === undefined ? added : [...known, ...added]
    const columns = schema.map((field) => `cast(${quoteName(nameOf(field))} as ${engineType(field)}) as ${quoteName(nameOf(field))}`)
    await engine.run(`create or replace temp table staged as select ${columns.join(', ')} from ${reader}`)
    return { schema, errors: [], what }
  } catch (error) {
    if (error instanceof Refusal) throw error
    const [first] = files
    throw new Refusal(400, 'invalid', `Error while reading data, error message: ${sentence(error)} File: ${first?.uri}`, first?.uri)
  }
}

async function stageCsv(engine: Engine, { files, config, declared }: Source): Promise<Staged> {
  const plain = await Promise.all(files.map(unpacked))
  const names = plain.map((file) => quoteText(file.path)).join(', ')
  const skipped = Number(config.skipLeadingRows ?? 0)
  const how = [
    `delim = ${quoteText(config.fieldDelimiter ?? ',')}`,
    `quote = ${quoteText(config.quote ?? '"')}`,
    ...(config.nullMarker === undefined ? [] : [`nullstr = ${quoteText(config.nullMarker)}`]),
    ...(config.allowJaggedRows === true ? ['null_padding = true'] : []),
  ]
  await engine.run('drop table if exists temp.main.rejects; drop table if exists temp.main.reject_scans')
  const rejects = (mark: string): string => `store_rejects = true, rejects_table = 'rejects${mark}', rejects_scan = 'reject_scans${mark}'`
  if (declared === undefined) {
    const header = skipped > 0 ? ['header = true'] : []
    await engine.run(
      `create or replace temp table staged as select * from read_csv([${names}], ${[...how, ...header, rejects('')].join(', ')})`,
    )
    const schema = await stagedFields(engine)
    return { schema, errors: await csvErrors(engine, plain, schema), what: 'CSV processing encountered' }
  }
  const reader = (type: (field: Field) => string, mark: string): string =>
    `read_csv([${names}], ${[...how, 'auto_detect = false', `skip = ${skipped}`, `columns = ${columnsOf(declared, type)}`, rejects(mark)].join(', ')})`
  // DuckDB's reader makes null of a bad time with a zone, and rejects a bad one without: one pass for the rejects, one for the values.
  await engine.run(
    `create or replace temp table checked as select * from ${reader((field) => textType(field) ?? engineType({ ...field, type: asRejected(field) }), '')}`,
  )
  const values = reader((field) => (field.type === 'TIMESTAMP' ? 'VARCHAR' : (textType(field) ?? engineType(field))), '_of_values')
  const times = declared.filter(({ type }) => type === 'TIMESTAMP').map((field) => quoteName(nameOf(field)))
  const good = times.map((name) => `(${name} is null or try_cast(${name} as timestamptz) is not null)`).join(' and ')
  const columns = declared.map((field) => {
    const name = quoteName(nameOf(field))
    if (field.type === 'TIMESTAMP') return `try_cast(${name} as timestamptz) as ${name}`
    return field.type === 'BYTES' ? `from_base64(${name}) as ${name}` : name
  })
  await engine.run(
    'drop table temp.main.checked; drop table if exists temp.main.rejects_of_values; drop table if exists temp.main.reject_scans_of_values',
  )
  await engine.run(
    `create or replace temp table staged as select ${columns.join(', ')} from ${values}${good === '' ? '' : ` where ${good}`}`,
  )
  return { schema: declared, errors: await csvErrors(engine, plain, declared), what: 'CSV processing encountered' }
}

/** What stands in a file as text that says something else. */
const textType = (field: Field): string | undefined => (field.type === 'BYTES' ? 'VARCHAR' : undefined)
const asRejected = ({ type = 'STRING' }: Field): string => (type === 'TIMESTAMP' ? 'DATETIME' : type)

async function csvErrors(engine: Engine, files: readonly SourceFile[], schema: readonly Field[]): Promise<readonly RowError[]> {
  const uris = new Map(files.map((file) => [file.path, file.uri]))
  const found = await engine.run(
    `select file_path, line, line_byte_position, column_idx, column_name, error_type::varchar, csv_line, error_message
     from rejects join reject_scans using (scan_id, file_id) order by file_path, line limit 100`,
  )
  return found.getRows().map(([file, line, position, index, column, type, text, message]) => {
    const location = uris.get(String(file)) ?? String(file)
    const start = Number(position) - 1
    const [field] = schema.filter(({ name }) => name === column)
    const value = String(text).split(',')[Number(index) - 1] ?? ''
    const place = `line_number: ${String(line)} byte_offset_to_start_of_line: ${start}`
    const problem =
      type === 'CAST' && field !== undefined
        ? `Unable to parse; ${place} column_index: ${Number(index) - 1} column_name: "${String(column)}" column_type: ${field.type} value: "${value}"`
        : `${String(message)}; ${place}`
    return { reason: 'invalid', location, message: `Error while reading data, error message: ${problem} File: ${location}` }
  })
}

async function stageJson(engine: Engine, { files, config, declared }: Source): Promise<Staged> {
  const plain = await Promise.all(files.map(unpacked))
  const names = plain.map((file) => quoteText(file.path)).join(', ')
  const what = 'JSON table encountered'
  if (declared === undefined) {
    await engine.run(`create or replace temp table staged as select * from read_json([${names}], format = 'newline_delimited')`)
    return { schema: await stagedFields(engine), errors: [], what }
  }
  const errors = (await Promise.all(plain.map((file) => keepGoodLines(file, declared, config.ignoreUnknownValues ?? false)))).flat()
  const columns = columnsOf(declared, (field) => (field.type === 'BYTES' ? 'VARCHAR' : engineType(field)))
  const reader = `read_json([${names}], format = 'newline_delimited', columns = ${columns})`
  await engine.run(`create or replace temp table staged as select ${decoded(declared)} from ${reader}`)
  return { schema: declared, errors, what }
}

/** Leaves only the lines that can be stored; says where the others began. */
async function keepGoodLines(file: SourceFile, fields: readonly Field[], ignoreUnknown: boolean): Promise<readonly RowError[]> {
  const errors: RowError[] = []
  const good: string[] = []
  let position = 0
  for (const line of (await readFile(file.path, 'utf8')).split('\n')) {
    const problem = line.trim() === '' ? undefined : lineProblem(line, fields, ignoreUnknown)
    if (problem === undefined) good.push(line)
    else {
      const message = `Error while reading data, error message: JSON parsing error in row starting at position ${position}: ${problem} File: ${file.uri}`
      errors.push({ reason: 'invalid', location: file.uri, message })
    }
    position += Buffer.byteLength(line) + 1
  }
  if (errors.length > 0) await writeFile(file.path, good.join('\n'))
  return errors
}

function lineProblem(line: string, fields: readonly Field[], ignoreUnknown: boolean): string | undefined {
  try {
    const row: unknown = JSON.parse(line)
    if (typeof row !== 'object' || row === null) return 'Start of object expected'
    return rowProblems({ ...row }, fields, ignoreUnknown).map(({ field, message }) => `${message} Field: ${field};`)[0]
  } catch {
    return 'Parser terminated before end of string'
  }
}

/** Bytes stand in texts as base64. */
function decoded(fields: readonly Field[] | undefined): string {
  const columns = (fields ?? []).map((field) => {
    const name = quoteName(nameOf(field))
    return field.type === 'BYTES' && field.mode !== 'REPEATED' ? `from_base64(${name}) as ${name}` : name
  })
  return columns.length === 0 ? '*' : columns.join(', ')
}

async function stagedFields(engine: Engine): Promise<readonly Field[]> {
  return (await engine.describe(`select * from ${STAGE}`)).map(([name, type]) => fieldOf(name.replaceAll(/[^\p{L}\p{N}_]/gu, '_'), type))
}

async function refuseNulls(engine: Engine, schema: readonly Field[]): Promise<void> {
  for (const field of schema.filter(isRequired)) {
    const nulls = Number(await engine.value(`select count(*) from ${STAGE} where ${quoteName(nameOf(field))} is null`))
    if (nulls > 0)
      throw invalid(`Error while reading data, error message: Required column value for column ${field.name} is missing in ${nulls} rows`)
  }
}

/** A compressed file is told by its first bytes. */
async function unpacked(file: SourceFile): Promise<SourceFile> {
  const [magic] = await createReadStream(file.path, { end: 1 }).toArray()
  if (!Buffer.from([0x1f, 0x8b]).equals(magic as Buffer)) return file // the stream gives buffers
  await writeFile(file.path, await promisify(gunzip)(await readFile(file.path)))
  return file
}

function sentence(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
