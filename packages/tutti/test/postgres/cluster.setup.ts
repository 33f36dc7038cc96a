// One server for all files of the suite; each takes databases of its own.
import type { TestProject } from 'vitest/node'
import { PostgresCluster } from '../tools/postgres-cluster.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await PostgresCluster.start({ fast: true })
  project.provide('postgresUrl', cluster.url)
  return () => cluster.stop()
}
