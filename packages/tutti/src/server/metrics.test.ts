import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

const elsewhere = {
  flowRuns: { running: 2 },
  process: { residentBytes: 1, heapUsedBytes: 2, cpuS: 3, uptimeS: 4, eventLoopLagS: 0.5 },
}

test('requests are counted by route and status, and their durations in classes that hold the smaller ones', () => {
  const metrics = createMetrics()
  metrics.answered({ method: 'GET', route: '/flows/{id}', status: 200, durationS: 0.002 })
  metrics.answered({ method: 'GET', route: '/flows/{id}', status: 404, durationS: 60 })
  metrics.refused()

  const lines = metrics.text(elsewhere).split('\n')

  expect(lines).toContain('tutti_http_requests_total{method="GET",route="/flows/{id}",status="404"} 1')
  const place = 'method="GET",route="/flows/{id}"'
  expect(lines).toContain(`tutti_http_request_duration_seconds_bucket{${place},le="0.001"} 0`)
  expect(lines).toContain(`tutti_http_request_duration_seconds_bucket{${place},le="30"} 1`)
  expect(lines).toContain(`tutti_http_request_duration_seconds_bucket{${place},le="+Inf"} 2`)
  expect(lines).toContain(`tutti_http_request_duration_seconds_sum{${place}} 60.002`)
  expect(lines).toContain('tutti_http_requests_refused_total 1')
  expect(lines).toContain('tutti_flow_runs{state="running"} 2')
})

test('what would end a label does not', () => {
  const metrics = createMetrics()
  metrics.answered({ method: 'GET', route: 'a"b\\c\nd', status: 200, durationS: 0 })

  expect(metrics.text(elsewhere)).toContain('route="a\\"b\\\\c\\nd"')
})
