// What Tutti uses of Kysely. The build bundles this one file: loading the 250 modules of the package takes ten times as long, and every
// script that runs a flow would wait for them.
export { DummyDriver, Kysely, sql, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
export type { Compilable, RawBuilder } from 'kysely'
