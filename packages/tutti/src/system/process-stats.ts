import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { ProcessStats } from '../core/process-stats.ts'

/** How often the event loop is looked at: rarely enough to cost nothing. */
const LOOK_MS = 50

/** Measures this process from now on; the lag is that since the last time it was asked for. */
export function measureProcess(): () => ProcessStats {
  const delay = monitorEventLoopDelay({ resolution: LOOK_MS })
  delay.enable()
  return () => {
    const { rss, heapUsed } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    // Nanoseconds; what is measured includes the time between two looks.
    const lagS = Math.max(0, delay.percentile(99) / 1e9 - LOOK_MS / 1000)
    delay.reset()
    return { residentBytes: rss, heapUsedBytes: heapUsed, cpuS: (user + system) / 1e6, uptimeS: process.uptime(), eventLoopLagS: lagS }
  }
}
