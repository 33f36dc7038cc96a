import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'

test('importing the package loads no DuckDB; opening a database does', () => {
  const door = path.join(import.meta.dirname, '..', 'src', 'index.ts')
  const script = `
    import { createRequire } from 'node:module'
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('@duckdb'))
    const { duckdb } = await import(${JSON.stringify(door)})
    const before = loaded()
    await (await duckdb.open()).close()
    console.log(before, loaded())`

  const printed = execFileSync(process.execPath, [...process.execArgv, '--conditions=tutti-source', '--input-type=module', '-e', script], {
    encoding: 'utf8',
  })

  expect(printed.trim()).toBe('false true')
})
