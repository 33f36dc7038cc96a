import { TuttiError } from '../core/errors.ts'

/** What an error says of the transaction that met it. */
export type PostgresFault =
  /** The row's own fault: a broken constraint, a value out of range, too large. */
  | 'row'
  /** Others were in the way, and nothing was written: the same may succeed at once. */
  | 'conflict'
  /** A lock was not given in time. */
  | 'locked'
  /** The connection is gone, or its server takes no writes: another connection may do better. */
  | 'connection'
  /** The pooler between does not keep prepared statements. */
  | 'unprepared'
  /** There is no such host, user or database, or the password is wrong: to wait does not help. */
  | 'address'
  /** The transaction had failed before; the statement that failed first tells why. */
  | 'after failure'
  | 'database'

/** Classes of SQLSTATE whose errors are the row's: data, integrity, limits of the program. */
const ROW_CLASSES: ReadonlySet<string> = new Set(['22', '23', '54'])
/** Of this class is whatever is wrong with who asks. */
const LOGIN_CLASS = '28'
const FAULTS: Readonly<Record<string, PostgresFault>> = {
  '40001': 'conflict',
  '40P01': 'conflict',
  '55P03': 'locked',
  '25P02': 'after failure',
  '3D000': 'address',
  ENOTFOUND: 'address',
  // A statement of that name is not there, or is there already.
  '26000': 'unprepared',
  '42P05': 'unprepared',
  // A standby, which takes no writes and gives no numbers to transactions.
  '25006': 'connection',
  '55000': 'connection',
  // The server ends or begins, somebody ended the connection, there are too many of them, it was idle too long within a transaction.
  '57P01': 'connection',
  '57P02': 'connection',
  '57P03': 'connection',
  '57P05': 'connection',
  '53300': 'connection',
  '25P03': 'connection',
}
/** Of sockets and of names that are looked up. */
const SOCKET_ERRORS: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOENT',
])
/** How the client says that the other side has hung up. */
const HUNG_UP = /^(?:Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|timeout exceeded)/

/** What the server, or the connection to it, had to say. Errors of scripts are never of this kind, whatever their codes are. */
export class PostgresError extends Error {
  readonly fault: PostgresFault

  constructor(cause: unknown) {
    super(messageOf(cause), { cause })
    this.fault = classify(cause)
  }
}

/** `undefined`: it did not come from the database. */
export function faultOf(error: unknown): PostgresFault | undefined {
  return error instanceof PostgresError ? error.fault : undefined
}

function classify(error: unknown): PostgresFault {
  const code = codeOf(error)
  if (code === undefined) return error instanceof Error && HUNG_UP.test(error.message) ? 'connection' : 'database'
  // Somebody has changed the tables: a new connection prepares its statements anew.
  if (code === '0A000' && messageOf(error).startsWith('cached plan')) return 'connection'
  const fault = FAULTS[code]
  if (fault !== undefined) return fault
  if (SOCKET_ERRORS.has(code)) return 'connection'
  // A pooler that cannot reach its server, or whose server is gone, says so in this class.
  if (code.startsWith('08')) return 'connection'
  if (code.startsWith(LOGIN_CLASS)) return 'address'
  return ROW_CLASSES.has(code.slice(0, 2)) ? 'row' : 'database'
}

/** What went wrong, in words; errors that are not the database's stay as they are. */
export function postgresError(error: unknown, what: string): unknown {
  if (!(error instanceof PostgresError)) return error
  const { fault, message, cause } = error
  if (fault === 'row') return new TuttiError('STORE_REFUSED', message, { cause })
  return new TuttiError(fault === 'address' ? 'STORE_ADDRESS_WRONG' : 'STORE_FAILED', `${what}: ${message}`, { cause })
}

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

export function messageOf(error: unknown): string {
  // Refused on each of a host's addresses: the errors of the addresses have the words.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
