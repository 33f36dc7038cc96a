import { openSqlite } from '../../src/store/sqlite.ts'
import { orchestratorCases } from './orchestrator.ts'
import { overHttp } from './over-http.ts'

orchestratorCases('over HTTP', async (world) => overHttp(await openSqlite({ path: ':memory:', clock: world.time }), world))
