import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { StoredEvent } from '../../../domain/events/event.ts'
import type { Position, Revision } from '../../../domain/ids.ts'
import { canonicalJson } from '../../../domain/json.ts'
import { CHAIN_START, chainHash, isChained } from '../../../domain/log/hash-chain.ts'
import { pipelineEvent } from '../../support/events.ts'

const event = pipelineEvent({ payload: { name: 'Übung', b: 1, a: [true, null] } })
const recordedAt = '2025-11-25T12:00:00.000Z'

const stored: StoredEvent = {
  revision: 1 as Revision,
  position: 7 as Position,
  recordedAt,
  prevHash: CHAIN_START,
  hash: chainHash(CHAIN_START, 1, recordedAt, canonicalJson(event)),
  event,
}

describe('the hash of a stored event', () => {
  it('is the SHA-256 of the previous hash and the canonical JSON of what is stored', () => {
    const text = CHAIN_START + canonicalJson({ revision: 1, recordedAt, event })
    expect(stored.hash).to.equal(createHash('sha256').update(text, 'utf8').digest('hex'))
  })

  it('holds for the event with its keys in any order, and at any position', () => {
    const reversed = Object.fromEntries(Object.entries(event).reverse()) as typeof event
    expect(isChained({ ...stored, event: reversed }, CHAIN_START)).to.equal(true)
    expect(isChained({ ...stored, position: 8 as Position }, CHAIN_START)).to.equal(true)
  })

  const changes: Record<string, Partial<StoredEvent>> = {
    revision: { revision: 2 as Revision },
    recordedAt: { recordedAt: '2025-11-25T12:00:00.001Z' },
    hash: { hash: stored.hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) },
    prevHash: { prevHash: '1'.repeat(64) },
    event: { event: { ...event, payload: { name: 'Übung', b: 1, a: [true, false] } } },
    actor: { event: { ...event, actorId: event.intentId as never } },
  }
  for (const [what, change] of Object.entries(changes)) {
    it(`does not hold once the ${what} is changed`, () => {
      expect(isChained({ ...stored, ...change }, CHAIN_START)).to.equal(false)
    })
  }

  it('does not hold after another event than the one it continues', () => {
    expect(isChained(stored, '1'.repeat(64))).to.equal(false)
  })
})
