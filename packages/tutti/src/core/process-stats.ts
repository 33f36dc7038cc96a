/** What a process uses. */
export interface ProcessStats {
  readonly residentBytes: number
  readonly heapUsedBytes: number
  readonly cpuS: number
  readonly uptimeS: number
  /** The 99th of 100. */
  readonly eventLoopLagS: number
}
