import { parseDuration } from 'tutti'
import type { Duration } from 'tutti'
import type { TableResource } from './wire.ts'

/** How rows lie in a table that is made. */
export interface TableLayout {
  readonly partition?: TimePartition | undefined
  /** Columns that rows are ordered by, up to four. */
  readonly cluster?: readonly string[] | undefined
}

export interface TimePartition {
  /** A column of type DATE, TIMESTAMP or DATETIME. Without it the time of loading counts. */
  readonly by?: string | undefined
  readonly every?: 'hour' | 'day' | 'month' | 'year' | undefined
  /** A partition is dropped after so long. */
  readonly expireAfter?: Duration | undefined
  /** Queries that do not say which partitions are refused. */
  readonly requireFilter?: boolean | undefined
}

export function partitioningOf({ partition }: TableLayout): Pick<TableResource, 'timePartitioning'> {
  if (partition === undefined) return {}
  const { by, every = 'day', expireAfter, requireFilter } = partition
  return {
    timePartitioning: {
      type: every.toUpperCase(),
      ...(by !== undefined && { field: by }),
      ...(expireAfter !== undefined && { expirationMs: String(parseDuration(expireAfter, 'partition.expireAfter')) }),
      ...(requireFilter === true && { requirePartitionFilter: true }),
    },
  }
}

export function clusteringOf({ cluster }: TableLayout): Pick<TableResource, 'clustering'> {
  return cluster === undefined || cluster.length === 0 ? {} : { clustering: { fields: [...cluster] } }
}
