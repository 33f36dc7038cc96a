// What a server counts about itself, as Prometheus reads it.
import type { ProcessStats } from '../core/process-stats.ts'

/** Upper bounds of the classes of durations, in seconds. */
const BOUNDS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const

interface Durations {
  /** By class, the last one without a bound. */
  readonly counts: number[]
  sumS: number
}

export interface AnsweredRequest {
  readonly method: string
  /** As its endpoint declares it; `other` where there is none. */
  readonly route: string
  readonly status: number
  readonly durationS: number
}

export interface Metrics {
  answered(request: AnsweredRequest): void
  /** Told to come again later. */
  refused(): void
  inFlight: number
  text(more: MeasuredElsewhere): string
}

export interface MeasuredElsewhere {
  readonly flowRuns: Readonly<Record<string, number>>
  readonly process: ProcessStats
}

export function createMetrics(): Metrics {
  const requests = new Map<string, number>()
  const durations = new Map<string, Durations>()
  let refused = 0

  return {
    inFlight: 0,
    answered({ method, route, status, durationS }) {
      const place = labels({ method, route })
      const key = labels({ method, route, status: String(status) })
      requests.set(key, (requests.get(key) ?? 0) + 1)
      let known = durations.get(place)
      if (known === undefined) durations.set(place, (known = { counts: BOUNDS_S.map(() => 0).concat(0), sumS: 0 }))
      const at = BOUNDS_S.findIndex((bound) => durationS <= bound)
      const index = at < 0 ? BOUNDS_S.length : at
      known.counts[index] = (known.counts[index] ?? 0) + 1
      known.sumS += durationS
    },
    refused() {
      refused += 1
    },
    text({ flowRuns, process }) {
      return [
        ...family('tutti_http_requests_total', 'counter', 'Requests by route and status.', requests),
        ...histogram('tutti_http_request_duration_seconds', 'How long requests took.', durations),
        ...single('tutti_http_requests_in_flight', 'gauge', 'Requests under way.', this.inFlight),
        ...single('tutti_http_requests_refused_total', 'counter', 'Requests told to come again because too many were under way.', refused),
        ...family('tutti_flow_runs', 'gauge', 'Flow runs that have not ended, by state.', byState(flowRuns)),
        ...single('process_resident_memory_bytes', 'gauge', 'Memory of the process.', process.residentBytes),
        ...single('process_heap_used_bytes', 'gauge', 'Memory of JavaScript values.', process.heapUsedBytes),
        ...single('process_cpu_seconds_total', 'counter', 'CPU time of the process.', process.cpuS),
        ...single('process_uptime_seconds', 'gauge', 'How long the process has run.', process.uptimeS),
        ...single('tutti_event_loop_lag_seconds', 'gauge', 'How late the event loop was, 99 times of 100.', process.eventLoopLagS),
        '',
      ].join('\n')
    },
  }
}

type Labelled = ReadonlyMap<string, number>

function byState(flowRuns: Readonly<Record<string, number>>): Labelled {
  return new Map(Object.entries(flowRuns).map(([state, count]) => [labels({ state }), count]))
}

function family(name: string, type: 'counter' | 'gauge', help: string, values: Labelled): readonly string[] {
  return [...head(name, type, help), ...[...values].map(([place, value]) => `${name}{${place}} ${value}`)]
}

function single(name: string, type: 'counter' | 'gauge', help: string, value: number): readonly string[] {
  return [...head(name, type, help), `${name} ${value}`]
}

function histogram(name: string, help: string, values: ReadonlyMap<string, Durations>): readonly string[] {
  const lines = [...values].flatMap(([place, { counts, sumS }]) => {
    let total = 0
    const classes = counts.map((count, index) => {
      total += count
      return `${name}_bucket{${place},le="${BOUNDS_S[index] ?? '+Inf'}"} ${total}`
    })
    return [...classes, `${name}_sum{${place}} ${sumS}`, `${name}_count{${place}} ${total}`]
  })
  return [...head(name, 'histogram', help), ...lines]
}

function head(name: string, type: string, help: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]
}

function labels(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`))}"`)
    .join(',')
}
