export { startServer } from './start.ts'
export type { RunningServer, ServerOptions } from './start.ts'
export { transferDatabase } from './transfer.ts'
export type { Transferred, TransferRequest } from './transfer.ts'
