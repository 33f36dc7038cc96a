import type { Client } from 'tutti/client'

/** What a call of the client answers. */
export type Answer<Call extends (...given: never[]) => Promise<unknown>> = Awaited<ReturnType<Call>>

export type FlowRun = Answer<Client['flowRuns']['read']>
export type TaskRun = Answer<Client['taskRuns']['read']>
export type Flow = Answer<Client['flows']['read']>
export type Deployment = Answer<Client['deployments']['read']>
export type Worker = Answer<Client['workers']['list']>[number]
export type WorkPool = Answer<Client['workPools']['read']>

/** Rows asked for at once. */
export const PAGE_ROWS = 100
