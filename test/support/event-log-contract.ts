/**
 * What every engine of the event log keeps, as one suite that each of them runs. It writes to new
 * streams only and counts positions from the head it finds, so that the log need not be empty.
 */
import type { EventLog } from '../../domain/log/event-log.ts'
import { describeAppending, describeRepeating } from './event-log-contract/appending.ts'
import { describeConcurrency, describeGrowth } from './event-log-contract/concurrency.ts'
import { describeFences } from './event-log-contract/fences.ts'
import { describeContents, describeReading } from './event-log-contract/reading.ts'
import { appendTo, type Tools } from './event-log-contract/tools.ts'
import { EVENTS_START_MS } from './events.ts'

export interface OpenLog {
  readonly log: EventLog
  close(): Promise<void>
}

/** @param create opens a log that takes the time from `now` (milliseconds since 1970) */
export function describeEventLog(
  name: string,
  create: (now: () => number) => Promise<OpenLog>,
): void {
  describe(`the event log: ${name}`, () => {
    let open: OpenLog
    let log: EventLog
    let time = EVENTS_START_MS
    before(async function () {
      this.timeout(60_000)
      open = await create(() => time)
      log = open.log
    })
    after(() => open?.close())

    const tools: Tools = {
      log: () => log,
      setTime: (ms) => (time = ms),
      append: (events, after, fence) => appendTo(log, events, after, fence),
    }
    describeAppending(tools)
    describeRepeating(tools)
    describeFences(tools)
    describeReading(tools)
    describeContents(tools)
    describeConcurrency(tools)
    describeGrowth(tools)
  })
}
