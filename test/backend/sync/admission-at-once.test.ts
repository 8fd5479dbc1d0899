import { expect } from 'chai'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import type { Revision } from '../../../domain/ids.ts'
import { AppendRefused, LogUnavailable, type EventLog } from '../../../domain/log/event-log.ts'
import { createMemoryLog } from '../../../domain/log/memory-log.ts'
import { takeSnapshot } from '../../../domain/pipeline/snapshot.ts'
import type { PushAnswer } from '../../../domain/protocol/messages.ts'
import { PIPELINE } from '../../domain/pipeline/histories.ts'
import { folded, Peer, stepId } from '../../domain/pipeline/peer.ts'
import { NOW, startAdmission, startWithPipeline, type TestAdmission } from './test-admission.ts'

describe('one push of several replicas of a person', () => {
  let server: TestAdmission
  let ann: Peer, ben: Peer
  beforeEach(async () => ({ server, ann, ben } = await startWithPipeline()))

  /** Ben's other device: another replica, the same person. */
  function otherDevice(): Peer {
    const phone = new Peer('ben').hear(ann)
    Object.assign(phone, { replicaId: 'benphone0000' })
    return phone
  }

  it('is accepted replica by replica, each with its own numbers', async () => {
    const phone = otherDevice()
    const events = [
      ben.setTimeout('a', 1),
      phone.setTimeout('a', 2),
      phone.setTimeout('a', 3),
      ben.setTimeout('b', 4),
    ]
    expect(await server.push(ben, events)).to.deep.equal({
      ok: true,
      accepted: 4,
      duplicates: 0,
      head: 7,
      vector: { [ann.replicaId]: 3, [ben.replicaId]: 2, benphone0000: 2 },
    })
    expect(await server.push(ben, events)).to.deep.include({ ok: true, duplicates: 4 })
  })

  it('stops at the place within the whole push', async () => {
    const phone = otherDevice()
    const [mine, first] = [ben.setTimeout('a', 1), phone.setTimeout('a', 2)]
    phone.setTimeout('a', 3)
    const skipped = phone.setTimeout('a', 4)
    const answer = await server.push(ben, [mine, first, skipped, ben.setTimeout('a', 5)])
    expect(answer).to.deep.include({ ok: false, code: 'gap', at: 2, accepted: 2, duplicates: 0 })
    const malformed = { ...ben.seen.at(-1)!, extra: 1 }
    const again = await server.push(ben, [mine, first, malformed])
    expect(again).to.deep.include({ ok: false, code: 'malformed', at: 2, duplicates: 2 })
  })
})

describe('an epoch', () => {
  let server: TestAdmission
  let ann: Peer, ben: Peer, vic: Peer, sam: Peer
  beforeEach(async () => ({ server, ann, ben, vic, sam } = await startWithPipeline()))

  it('fences off a copy that is still under way after the queue was renumbered', async () => {
    const late = [ben.setTimeout('a', 1), ben.setTimeout('a', 2)]
    // The first was refused and taken out; nothing was left to send but the raised epoch.
    expect(await server.push(ben, [], { epoch: 2 })).to.have.property('ok', true)
    const answer = await server.push(ben, late, { epoch: 1 })
    expect(answer).to.deep.include({ ok: false, code: 'stale-epoch', at: 0, accepted: 0, epoch: 2 })
    expect(await server.stored()).to.have.length(3)
    const renumbered = new Peer('ben').hear(ann).setTimeout('a', 2)
    expect(await server.push(ben, [renumbered], { epoch: 2 })).to.have.property('accepted', 1)
  })

  it('is raised by a push that is accepted', async () => {
    const [first, second] = [ben.setTimeout('a', 1), ben.setTimeout('a', 2)]
    await server.push(ben, [first], { epoch: 5 })
    const answer = await server.push(ben, [second], { epoch: 4 })
    expect(answer).to.deep.include({ ok: false, code: 'stale-epoch', epoch: 5 })
    expect(await server.push(ben, [second], { epoch: 5 })).to.have.property('accepted', 1)
  })

  it('does not stand in the way of duplicates, and is told where the first new one is', async () => {
    const [first, second] = [ben.setTimeout('a', 1), ben.setTimeout('a', 2)]
    await server.push(ben, [first], { epoch: 5 })
    const duplicate = { ok: true, duplicates: 1, accepted: 0 }
    expect(await server.push(ben, [first], { epoch: 1 })).to.deep.include(duplicate)
    const answer = await server.push(ben, [first, second, second], { epoch: 1 })
    expect(answer).to.deep.include({ ok: false, at: 1, code: 'stale-epoch', duplicates: 1 })
  })

  it('is of one replica, and nobody raises another person’s', async () => {
    await server.push(ann, [], { epoch: 9 })
    expect(await server.push(ben, [ben.setTimeout('a', 1)], { epoch: 1 })).to.have.property(
      'ok',
      true,
    )
    const meddling = await server.push(vic, [], { epoch: 9, replicaId: ben.replicaId })
    expect(meddling).to.deep.include({ ok: false, code: 'forbidden' })
    const stranger = await server.push(sam, [], { epoch: 9 })
    expect(stranger).to.deep.include({ ok: false, code: 'not-found', head: 0 })
    expect(await server.push(ben, [ben.setTimeout('a', 2)], { epoch: 1 })).to.have.property(
      'ok',
      true,
    )
  })

  it('is not needed: an unfenced push is taken as it comes', async () => {
    await server.push(ben, [], { epoch: 9 })
    expect(await server.push(ben, [ben.setTimeout('a', 1)])).to.have.property('accepted', 1)
  })
})

describe('two nodes over one log', () => {
  let left: TestAdmission, right: TestAdmission
  let ann: Peer, ben: Peer
  beforeEach(async () => {
    ;({ server: left, ann, ben } = await startWithPipeline())
    right = left.anotherNode()
    // Each node knows the pipeline as it is now, and hears of nothing by itself.
    await right.push(ann, [])
  })

  it('accept everything that people push to both at once, each event once, without a gap', async () => {
    const peers = ['p0', 'p1', 'p2', 'p3', 'p4'].map((name) => new Peer(name).hear(ann))
    for (const { actorId } of peers) left.roles.set(actorId, 'editor')
    const drained = peers.map(async (peer, n) => {
      for (let round = 0; round < 12; round++) {
        const events = [peer.setTimeout('a', round), peer.setTimeout('b', round)]
        const node = (n + round) % 2 ? left : right
        const answer = await node.push(peer, events)
        expect(answer, JSON.stringify(answer)).to.deep.include({ ok: true, accepted: 2 })
      }
    })
    await Promise.all(drained)
    const stored = await left.stored()
    expect(stored).to.have.length(3 + 5 * 24)
    for (const peer of peers) {
      const own = stored.filter(({ replicaId }) => replicaId === peer.replicaId)
      expect(own).to.deep.equal(peer.seen.slice(3))
    }
    expect(new Set(stored.map(({ id }) => id)).size).to.equal(stored.length)
  })

  it('accept one push once, though it comes to both at the same moment', async () => {
    const events = [ben.setTimeout('a', 1), ben.setTimeout('a', 2)]
    const answers = await Promise.all([left.push(ben, events), right.push(ben, events)])
    for (const answer of answers) {
      expect(answer).to.have.property('ok', true)
      expect(answer.accepted + answer.duplicates).to.equal(2)
    }
    expect(await left.stored()).to.have.length(5)
  })

  it('know what is stored, where that came with another clock than what they tried', async () => {
    const others = ann.setTimeout('a', 1)
    await left.push(ann, [others])
    await right.push(ann, [others])
    const event = ben.hear(ann).setTimeout('a', 2)
    await left.push(ben, [event])
    // The device has cut its clock since, and the other node has not heard of the first copy.
    const clock = { [ann.replicaId]: 3, [ben.replicaId]: 1 }
    expect(await right.push(ben, [{ ...event, clock }])).to.have.property('ok', true)
    expect(await left.stored()).to.deep.equal(ben.seen)
    const { state } = await right.directory.recent(PIPELINE)
    expect(takeSnapshot(state)).to.deep.equal(takeSnapshot(folded(ben.seen)))
  })

  it('let one of two copies of a device in, and tell the other that it is forked', async () => {
    const copy = new Peer('ben').hear(ann)
    const answers = await Promise.all([
      left.push(ben, [ben.setTimeout('a', 1)]),
      right.push(copy, [copy.setTimeout('a', 2)]),
    ])
    const refused = answers.filter(({ ok }) => !ok)
    expect(refused).to.have.length(1)
    expect(refused[0]).to.deep.include({ code: 'replica-forked', at: 0 })
  })

  describe('of which one has not heard of the other’s latest events', () => {
    it('do not take what the other knows for a missing dependency', async () => {
      await left.push(ann, [ann.addStep('x')])
      const answer = await right.push(ben, [ben.hear(ann).setTimeout('x', 1)])
      expect(answer).to.deep.include({ ok: true, accepted: 1, head: 5 })
    })

    it('do not take the next event of a replica for a gap', async () => {
      await left.push(ben, [ben.setTimeout('a', 1)])
      expect(await right.push(ben, [ben.setTimeout('a', 2)])).to.have.property('accepted', 1)
    })

    it('do not refuse into a pipeline that was unarchived there', async () => {
      await left.push(ann, [ann.act('PipelineArchived', {})])
      expect(await right.push(ben, [ben.setTimeout('a', 1)])).to.deep.include({ code: 'archived' })
      await left.push(ann, [ann.act('PipelineUnarchived', {})])
      expect(await right.push(ben, ben.seen.slice(-1))).to.deep.include({ ok: true, accepted: 1 })
    })

    it('refuse into a pipeline that was archived there', async () => {
      await left.push(ann, [ann.act('PipelineArchived', {})])
      expect(await right.push(ben, [ben.setTimeout('a', 1)])).to.deep.include({ code: 'archived' })
    })

    it('store nothing twice that went to the other before', async () => {
      const events = [ben.setTimeout('a', 1), ben.setTimeout('a', 2)]
      await left.push(ben, events)
      await left.push(ann, [ann.setTimeout('b', 1)])
      const answer = await right.push(ben, events)
      expect([answer.ok, answer.accepted + answer.duplicates]).to.deep.equal([true, 2])
      expect(await left.stored()).to.have.length(6)
    })

    it('know for a duplicate there what the person could not push any more', async () => {
      const events = [ben.setTimeout('a', 1)]
      await left.push(ben, events)
      left.roles.set(ben.actorId, 'viewer')
      expect(await right.push(ben, events)).to.deep.include({ ok: true, duplicates: 1 })
    })
  })
})

describe('a push that meets a difficult log', () => {
  const memory = () => createMemoryLog({ now: () => NOW })

  async function startOver(log: EventLog): Promise<[TestAdmission, Peer]> {
    const server = startAdmission(log)
    const ann = new Peer('ann').begin('a', 'b')
    server.roles.set(ann.actorId, 'owner')
    await server.push(ann, ann.seen)
    return [server, ann]
  }

  it('where others are always faster is told to try again, at its first new event', async () => {
    let isBusy = false
    const log = memory()
    const busy: EventLog = {
      ...log,
      append: (request) =>
        isBusy
          ? Promise.resolve({ ok: false, reason: 'conflict', actualRevision: 99 as Revision })
          : log.append(request),
    }
    const [server, ann] = await startOver(busy)
    const first = ann.setTimeout('a', 1)
    await server.push(ann, [first])
    isBusy = true
    const answer = await server.push(ann, [first, ann.setTimeout('a', 2), first])
    expect(answer).to.deep.include({
      ok: false,
      code: 'unavailable',
      at: 1,
      accepted: 0,
      duplicates: 1,
    })
  })

  it('that can never hold one of the events has those before it, and names that one', async () => {
    const log = memory()
    const picky: EventLog = {
      ...log,
      async append(request) {
        if (request.events.some((event) => JSON.stringify(event).includes('poison'))) {
          throw new AppendRefused('it tastes bad')
        }
        return log.append(request)
      },
    }
    const [server, ann] = await startOver(picky)
    const name = 'poison'
    const events: PipelineEvent[] = [
      ann.setTimeout('a', 1),
      ann.setTimeout('a', 2),
      ann.act('StepRenamed', { stepId: stepId('a'), name }),
      ann.setTimeout('a', 3),
    ]
    const answer: PushAnswer = await server.push(ann, events)
    expect(answer).to.deep.include({ ok: false, code: 'malformed', at: 2, accepted: 2 })
    expect((await server.stored()).slice(3)).to.deep.equal(events.slice(0, 2))
  })

  it('whose answer to an append got lost finds its events there', async () => {
    const log = memory()
    let losesAnswers = false
    const lossy: EventLog = {
      ...log,
      async append(request) {
        const result = await log.append(request)
        if (losesAnswers) throw new LogUnavailable('the connection ended before the answer')
        return result
      },
    }
    const [server, ann] = await startOver(lossy)
    losesAnswers = true
    const events = [ann.setTimeout('a', 1)]
    expect(await server.push(ann, events)).to.deep.include({ ok: false, code: 'unavailable' })
    losesAnswers = false
    expect(await server.push(ann, events)).to.deep.include({ ok: true, head: 4 })
    expect(await server.stored()).to.have.length(4)
  })
})
