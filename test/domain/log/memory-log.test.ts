import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { pipelineStream, type Revision } from '../../../domain/ids.ts'
import { createMemoryLog } from '../../../domain/log/memory-log.ts'
import { describeEventLog } from '../../support/event-log-contract.ts'
import { EVENTS_START_MS, pipelineEvents } from '../../support/events.ts'

describeEventLog('in memory', async (now) => ({
  log: createMemoryLog({ now }),
  close: () => Promise.resolve(),
}))

describe('a log in memory with the SHA-256 of the platform', () => {
  it('gives the same stored events as one with the portable SHA-256', async () => {
    const events = pipelineEvents(5)
    const streamId = pipelineStream(events[0]!.pipelineId)
    const request = { streamId, expectedRevision: 0 as Revision, events }
    const now = () => EVENTS_START_MS
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
    const portable = await createMemoryLog({ now }).append(request)
    const native = await createMemoryLog({ now, sha256 }).append(request)
    expect(native).to.deep.equal(portable)
  })
})
