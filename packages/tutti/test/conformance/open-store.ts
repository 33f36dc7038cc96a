// A process of its own that opens a database file, writes one flow run, and says what it found.
import { openSqlite } from '../../src/store/sqlite.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemIds } from '../../src/system/random.ts'
import { createRecords } from './records.ts'

const path = process.argv[2]
if (path === undefined) throw new Error('usage: node open-store.ts FILE')
const clock = systemClock()
const store = await openSqlite({ path, clock })
const run = createRecords().flowRun({ id: systemIds(clock).next() })
await store.write(() => store.tables.flowRuns.insert(run, [run.state]))
const { schemaVersion } = await store.info()
await store.close()
process.stdout.write(JSON.stringify({ schemaVersion }))
