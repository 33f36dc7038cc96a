import { overEachStore } from '../each-store.ts'
import { measureConnected } from '../measure-connected.ts'
import type { Workload } from '../workload.ts'
import { flowWorkloads } from './flow-workloads.ts'

/** W11: what runs in W1, W2, W3 and W5, through a server on the same machine, which has SQLite or PostgreSQL. */
export const serverFlows: Workload = {
  name: 'W11',
  about: 'W1, W2, W3 and W5 over HTTP: a server on the same machine, over SQLite and over PostgreSQL',
  measure: (context) =>
    overEachStore('W11', context, ({ label, serve }) =>
      serve(({ url }) => measureConnected(flowWorkloads, { place: 'server', url, label }, context)),
    ),
}
