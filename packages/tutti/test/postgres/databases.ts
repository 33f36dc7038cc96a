import { inject } from 'vitest'
import type { Store } from '../../src/store/port.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import type { PostgresOptions } from '../../src/store/postgres.ts'
import { systemClock } from '../../src/system/clock.ts'
import { makeDatabase, querySql } from '../tools/postgres-cluster.ts'

/** All rows but those that say which migrations were done; numbers are counted from the beginning again. */
const EMPTY = `
  DO $$
  DECLARE name text;
  BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_versions' LOOP
      EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
      EXECUTE format('ALTER SEQUENCE %I RESTART', name);
    END LOOP;
  END $$`

/** Databases of one test file, each empty and up to date. */
export class TestDatabases {
  readonly #name: string
  #template: Promise<string> | undefined
  #made = 0
  /** Emptied by those who are done with them: a database is hundreds of files, and takes longer to make and to delete than most tests. */
  readonly #emptied: string[] = []

  constructor() {
    // Each file runs in a process of its own.
    this.#name = `test_${process.pid}`
  }

  /** The address of a new one. */
  async make(): Promise<string> {
    this.#template ??= this.#makeTemplate()
    const template = await this.#template
    this.#made += 1
    return makeDatabase(inject('postgresUrl'), `${this.#name}_${this.#made}`, template)
  }

  /** One that no program has been at. */
  makeEmpty({ locale }: { readonly locale?: string } = {}): Promise<string> {
    this.#made += 1
    return makeDatabase(inject('postgresUrl'), `${this.#name}_${this.#made}`, 'template0', locale)
  }

  /** A store over an empty one, which the next may have once it is closed. */
  async open(options: Partial<PostgresOptions> = {}): Promise<Store> {
    const url = this.#emptied.pop() ?? (await this.make())
    const store = await openPostgres({ url, clock: systemClock(), ...options })
    return {
      ...store,
      close: async () => {
        await store.close()
        await querySql(url, EMPTY)
        this.#emptied.push(url)
      },
    }
  }

  async #makeTemplate(): Promise<string> {
    const name = `${this.#name}_template`
    const url = await makeDatabase(inject('postgresUrl'), name)
    const store = await openPostgres({ url, clock: systemClock() })
    await store.close()
    return name
  }
}
