import { inject } from 'vitest'
import type { Store } from '../../src/store/port.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import type { PostgresOptions } from '../../src/store/postgres.ts'
import { systemClock } from '../../src/system/clock.ts'
import { makeDatabase } from '../tools/postgres-cluster.ts'

/** Databases of one test file, each empty and up to date. */
export class TestDatabases {
  readonly #name: string
  #template: Promise<string> | undefined
  #made = 0

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

  async open(options: Partial<PostgresOptions> = {}): Promise<Store> {
    return openPostgres({ url: await this.make(), clock: systemClock(), ...options })
  }

  async #makeTemplate(): Promise<string> {
    const name = `${this.#name}_template`
    const url = await makeDatabase(inject('postgresUrl'), name)
    const store = await openPostgres({ url, clock: systemClock() })
    await store.close()
    return name
  }
}
