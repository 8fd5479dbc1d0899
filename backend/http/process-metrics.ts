import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Metrics } from './metrics.ts'

/** How the process itself is doing. */
export function addProcessMetrics(metrics: Metrics): void {
  const startedAt = Date.now() / 1_000 - process.uptime()
  const loop = monitorEventLoopDelay()
  loop.enable()
  metrics.gauge(
    'process_start_time_seconds',
    'When the process started, in seconds since 1970.',
    () => startedAt,
  )
  metrics.gauge('process_resident_memory_bytes', 'Memory that the process occupies.', () =>
    process.memoryUsage.rss(),
  )
  metrics.gauge(
    'nodejs_eventloop_lag_p99_seconds',
    'How late the event loop was, for one turn in a hundred, since the last scrape.',
    () => {
      const seconds = loop.percentile(99) / 1e9
      loop.reset()
      return seconds
    },
  )
}
