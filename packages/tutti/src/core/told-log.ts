import type { LogRecord } from './log.ts'

/** What the protocol asks of logs beyond `LogOperations`. */
export interface ToldLogOperations {
  /** Lines of any runs, in one transaction; they may come before their run or after its end. */
  append(records: readonly Omit<LogRecord, 'id'>[]): Promise<void>
}
