import type { Clock } from '../core/time.ts'
import type { PostgresTransaction } from './postgres-transaction.ts'

/**
 * A commit whose answer is lost may have happened or not, and a script that was committed must not run again. So its transaction leaves a
 * mark, its number in the row of its connection, and whoever comes later can see how far that connection got. (The server's own numbers of
 * transactions do not tell: those of a server that crashed, or of a standby that took over, are given again.)
 */
export interface Mark {
  readonly connection: string
  readonly number: number
}

export const MARKS_TABLE = `CREATE TABLE IF NOT EXISTS store_writers (
  id text COLLATE "C" PRIMARY KEY,
  last bigint NOT NULL,
  at bigint NOT NULL
)`

const SET_MARK =
  'insert into "store_writers" ("id", "last", "at") values (?, ?, ?) on conflict ("id") do update set "last" = excluded."last", "at" = excluded."at"'
const DELETE_OLD = 'delete from "store_writers" where "at" < ?'
const LAST = 'select "last" from "store_writers" where "id" = ?'
/** Far longer than anybody waits for a database. */
const KEEP_US = 86_400_000_000

/** Part of a transaction: lands with it or not at all. */
export function leaveMark(transaction: PostgresTransaction, clock: Clock): Mark {
  const { connection } = transaction
  connection.marks += 1
  const now = clock.now()
  void transaction.execute(SET_MARK, [connection.id, connection.marks, now])
  // Rows of connections that are long gone; one in a while is enough.
  if (connection.marks === 1) void transaction.execute(DELETE_OLD, [now - KEEP_US])
  return { connection: connection.id, number: connection.marks }
}

/** Asked when the marked transaction cannot be under way any more. */
export async function hasLanded(transaction: PostgresTransaction, { connection, number }: Mark): Promise<boolean> {
  const answer = transaction.execute(LAST, [connection])
  await transaction.settle()
  const last = (await answer).rows[0]?.['last']
  return last !== undefined && Number(last) >= number
}
