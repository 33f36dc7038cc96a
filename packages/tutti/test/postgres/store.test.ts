import { storeCases } from '../conformance/store.ts'
import { TestDatabases } from './databases.ts'

const databases = new TestDatabases()

storeCases('PostgreSQL', () => databases.open())
