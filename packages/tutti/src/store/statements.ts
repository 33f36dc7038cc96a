import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from './kysely.ts'
import type { Compilable, RawBuilder } from './kysely.ts'
import type { Row, Script, Statement } from './script.ts'
import type { Database } from './tables.ts'

/** Builds SQL; it has no connection. What both databases understand is all that is built here. */
export const sqlBuilder = new Kysely<Database>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

/** Runs a query that was built for this one use, and gives its rows. */
export function* select<T>(query: Compilable<T>): Script<readonly T[]> {
  const { sql, parameters } = query.compile()
  const statement: Statement = { sql, parameters, rows: true }
  return (yield statement).rows as readonly T[] // the builder has derived the row type from the tables
}

/** Runs a change that was built for this one use, and tells how many rows it touched. */
export function* change(query: Compilable): Script<number> {
  const { sql, parameters } = query.compile()
  return (yield { sql, parameters, rows: false }).changes
}

/** As `select`, of a query that is written out. */
export function selectSql(query: RawBuilder<unknown>): Script<readonly Row[]> {
  return select({ compile: () => query.compile(sqlBuilder) } as Compilable) as Script<readonly Row[]> // whatever columns the query names
}

/** As `change`, of a change that is written out. */
export function changeSql(query: RawBuilder<unknown>): Script<number> {
  return change({ compile: () => query.compile(sqlBuilder) } as Compilable) // all of a compilable that is used
}

/** The text of a statement that is built once and yielded by its caller. */
export function prepared(query: Compilable): string {
  return query.compile().sql
}

/** A statement that is built once and run often; parameters are given in the order in which they stand in the text. */
export function hot(query: Compilable): (parameters: readonly unknown[]) => Script<number> {
  const { sql } = query.compile()
  return function* (parameters) {
    return (yield { sql, parameters, rows: false }).changes
  }
}

/** As `hot`, when nobody asks how many rows it changed: a database that is far away need not be waited for, and writes many rows at once. */
export function hotBlind(query: Compilable): (parameters: readonly unknown[]) => Script<void> {
  const { sql } = query.compile()
  return function* (parameters) {
    yield { sql, parameters: [], rows: false, batch: [parameters] }
  }
}

export function hotSelect<T>(query: Compilable<T>): (parameters: readonly unknown[]) => Script<readonly T[]> {
  const { sql } = query.compile()
  return function* (parameters) {
    return (yield { sql, parameters, rows: true }).rows as readonly T[] // as in `select`
  }
}

/** A query that is built once for each of its shapes, which are few; `build` gives it with values of any kind in the places of parameters. */
export function hotSelectOf<Shape, T>(
  key: (shape: Shape) => string,
  build: (shape: Shape) => Compilable<T>,
): (shape: Shape, parameters: readonly unknown[]) => Script<readonly T[]> {
  const texts = new Map<string, string>()
  return function* (shape, parameters) {
    const of = key(shape)
    let sql = texts.get(of)
    if (sql === undefined) texts.set(of, (sql = build(shape).compile().sql))
    return (yield { sql, parameters, rows: true }).rows as readonly T[] // as in `select`
  }
}

/** How many values a condition names at once: few texts to prepare, and few places left over. */
const IN_SIZES = [1, 8, 64, 512] as const
const IN_MAX = 512

/** Rows of many ids; the query is built for lists of a few lengths. */
export function hotSelectIn<T>(query: (ids: readonly string[]) => Compilable<T>): (ids: readonly string[]) => Script<readonly T[]> {
  const texts = new Map<number, string>()
  return function* (ids) {
    const found: T[] = []
    for (let at = 0; at < ids.length; at += IN_MAX) {
      const some = ids.slice(at, at + IN_MAX)
      const size = sizeOf(some)
      let sql = texts.get(size)
      if (sql === undefined) texts.set(size, (sql = query(Array.from({ length: size }, () => '')).compile().sql))
      const parameters = filledUp(some)
      for (const row of (yield { sql, parameters, rows: true }).rows) found.push(row as T) // as in `select`
    }
    return found
  }
}

function sizeOf(ids: readonly string[]): number {
  return IN_SIZES.find((each) => each >= ids.length) ?? IN_MAX
}

/** As many ids as a condition has places; the last one again in those that are left. */
export function filledUp(ids: readonly string[]): readonly string[] {
  const last = ids.at(-1)
  return last === undefined ? [] : [...ids, ...Array.from({ length: sizeOf(ids) - ids.length }, () => last)]
}

export function textList(text: string | null): readonly string[] {
  return text === null ? [] : (JSON.parse(text) as readonly string[]) // written by `listText` only
}

export function listText(list: readonly string[]): string | null {
  return list.length === 0 ? null : JSON.stringify(list)
}
