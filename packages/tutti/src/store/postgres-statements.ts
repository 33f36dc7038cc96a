import { createHash } from 'node:crypto'
import { manyRows, tableOf, toPostgres } from './postgres-sql.ts'
import type { ManyRows } from './postgres-sql.ts'

/** A statement as the server is sent it; one with a name is kept by the connection that has sent it once. */
export interface StatementText {
  readonly text: string
  readonly name: string | undefined
}

/** Texts remembered. */
const TEXTS_MAX = 1_000
/** Statements that each connection may keep for good: text built for one use must not fill the server's memory. */
const NAMES_MAX = 500

/**
 * Statements about many rows are planned each time: the plan that a connection keeps was made for the table as it was at first, and reading
 * all of a table is right only while it is small.
 */
const MANY = /\bunnest\(|\bin \(\$\d+, /

interface Known {
  readonly text: string
  readonly many: ManyRows | undefined
  readonly table: string
  uses: number
  name: string | undefined
}

/** Texts of statements, translated once. */
export class PostgresStatements {
  readonly #known = new Map<string, Known>()
  #names = 0
  #prepares: boolean

  constructor(prepares: boolean) {
    this.#prepares = prepares
  }

  get prepares(): boolean {
    return this.#prepares
  }

  /** There is a pooler between that hands statements of one connection to another. */
  stopPreparing(): void {
    this.#prepares = false
  }

  text(sql: string): StatementText {
    const known = this.#lookUp(sql)
    known.uses += 1
    // What is run a second time is run often.
    if (known.name === undefined && known.uses > 1 && !MANY.test(known.text) && this.#names < NAMES_MAX) {
      this.#names += 1
      // By its text: behind a pooler the name may reach a connection on which another process has prepared its own statements.
      known.name = `tutti_${createHash('sha256').update(known.text).digest('hex').slice(0, 32)}`
    }
    return this.#prepares ? known : { text: known.text, name: undefined }
  }

  many(sql: string): ManyRows | undefined {
    return this.#lookUp(sql).many
  }

  table(sql: string): string {
    return this.#lookUp(sql).table
  }

  #lookUp(sql: string): Known {
    let known = this.#known.get(sql)
    if (known === undefined) {
      known = { text: toPostgres(sql), many: manyRows(sql), table: tableOf(sql), uses: 0, name: undefined }
      if (this.#known.size >= TEXTS_MAX) this.#known.delete(this.#known.keys().next().value ?? '')
      this.#known.set(sql, known)
    }
    return known
  }
}
