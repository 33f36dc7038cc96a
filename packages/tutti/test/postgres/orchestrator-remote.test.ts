import { orchestratorCases } from '../conformance/orchestrator.ts'
import { overHttp } from '../conformance/over-http.ts'
import { TestDatabases } from './databases.ts'

const databases = new TestDatabases()

orchestratorCases('over HTTP, over PostgreSQL', async (world) => overHttp(await databases.open(), world))
