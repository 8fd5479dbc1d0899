import { expect } from 'chai'
import { hlcOf } from '../../../domain/clock/hlc.ts'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import type { Revision, VersionId } from '../../../domain/ids.ts'
import { limits } from '../../../domain/limits.ts'
import { codes, type Code } from '../../../domain/protocol/codes.ts'
import type { PushAnswer } from '../../../domain/protocol/messages.ts'
import { commentId, endsOf, Peer, stepId, TEAM } from '../../domain/pipeline/peer.ts'
import { namedUuid } from '../../support/events.ts'
import { NOW, startAdmission, startWithPipeline, type TestAdmission } from './test-admission.ts'

type Stopped = Extract<PushAnswer, { ok: false }>

function expectStop(answer: PushAnswer, code: Code, at = 0): Stopped {
  if (answer.ok) expect.fail(`it was accepted, not answered ${code}`)
  expect(answer.code, answer.message).to.equal(code)
  expect(answer.at).to.equal(at)
  expect(answer.accepted + answer.duplicates).to.equal(at)
  expect(answer.message).to.match(/^[A-Z].*\.$/s)
  expect(codes).to.have.property(answer.code)
  return answer
}

/** What somebody learns of a pipeline who may not see it. */
const NOTHING = { head: 0 as Revision, vector: {} }
const later = (event: PipelineEvent, change: Partial<PipelineEvent>): PipelineEvent => ({
  ...event,
  ...change,
})

describe('a push', () => {
  let server: TestAdmission
  let ann: Peer, ben: Peer, vic: Peer, sam: Peer

  beforeEach(async () => ({ server, ann, ben, vic, sam } = await startWithPipeline()))

  it('of new events is accepted, stored in order and answered with head and vector', async () => {
    const events = [ben.setTimeout('a', 45), ben.setTimeout('b', 60)]
    expect(await server.push(ben, events)).to.deep.equal({
      ok: true,
      accepted: 2,
      duplicates: 0,
      head: 5,
      vector: { [ann.replicaId]: 3, [ben.replicaId]: 2 },
    })
    expect((await server.stored()).slice(3)).to.deep.equal(events)
  })

  it('of nothing is accepted from an editor, and from nobody else', async () => {
    expect(await server.push(ben, [])).to.deep.include({ ok: true, accepted: 0, head: 3 })
    expectStop(await server.push(vic, []), 'forbidden')
    expect(expectStop(await server.push(sam, []), 'not-found')).to.deep.include(NOTHING)
  })

  it('of a pipeline that is not there yet needs its creation first', async () => {
    const fresh = startAdmission()
    fresh.roles.set(ann.actorId, 'owner')
    expectStop(await fresh.push(ann, ann.seen.slice(1)), 'not-found')
    const accepted = { ok: true, accepted: 3, head: 3 }
    expect(await fresh.push(ann, ann.seen)).to.deep.include(accepted)
  })

  it('creates no second time, nor in a team that one is not in, nor as a viewer', async () => {
    const again = ben.act('PipelineCreated', { name: 'mine', teamId: TEAM })
    expectStop(await server.push(ben, [again]), 'malformed')
    const fresh = startAdmission()
    const creation = new Peer('ben').begin().seen
    expectStop(await fresh.push(ben, creation), 'not-found')
    fresh.roles.set(ben.actorId, 'viewer')
    expectStop(await fresh.push(ben, creation), 'forbidden')
    expect(await fresh.stored()).to.deep.equal([])
  })

  it('holds no event whose id is in the log already, here or elsewhere', async () => {
    const first = ben.setTimeout('a', 1)
    await server.push(ben, [first])
    const again = later(ben.setTimeout('a', 2), { id: first.id })
    const after = ben.setTimeout('a', 3)
    expectStop(await server.push(ben, [again, after]), 'malformed')
    expect(await server.stored()).to.have.length(4)
  })

  describe('with one bad event in the middle', () => {
    it('keeps what is before it, stops there, and stores nothing after it', async () => {
      const good = [ben.setTimeout('a', 1), ben.setTimeout('a', 2)]
      const bad = { ...ben.setTimeout('a', 3), unexpected: true }
      const rest = [ben.setTimeout('a', 4)]
      const answer = expectStop(await server.push(ben, [...good, bad, ...rest]), 'malformed', 2)
      expect(answer).to.deep.include({ accepted: 2, duplicates: 0, head: 5 })
      expect(answer.vector).to.deep.equal({ [ann.replicaId]: 3, [ben.replicaId]: 2 })
      expect((await server.stored()).slice(3)).to.deep.equal(good)
    })

    it('counts duplicates before it apart, and answers alike when it is sent again', async () => {
      const good = [ben.setTimeout('a', 1), ben.setTimeout('a', 2)]
      await server.push(ben, good.slice(0, 1))
      const bad = { ...ben.setTimeout('a', 3), unexpected: true }
      const answer = expectStop(await server.push(ben, [...good, bad]), 'malformed', 2)
      expect(answer).to.deep.include({ accepted: 1, duplicates: 1 })
      const again = expectStop(await server.push(ben, [...good, bad]), 'malformed', 2)
      expect(again).to.deep.include({ accepted: 0, duplicates: 2, head: answer.head })
    })
  })

  describe('that was accepted before', () => {
    it('is answered as duplicates, and stores nothing', async () => {
      const events = [ben.setTimeout('a', 1), ben.setTimeout('a', 2)]
      await server.push(ben, events)
      const again = { ok: true, accepted: 0, duplicates: 2, head: 5 }
      expect(await server.push(ben, events)).to.deep.include(again)
      expect(await server.stored()).to.have.length(5)
    })

    it('is so before role, archive, clock and rate are looked at', async () => {
      const events = [ben.setTimeout('a', 1)]
      await server.push(ben, events)
      const archive = ann.hear(ben).act('PipelineArchived', {})
      await server.push(ann, [archive])
      const denied = () => expect.fail('a duplicate was throttled')
      const answer = { ok: true, accepted: 0, duplicates: 1 }
      expect(await server.push(ben, events, { throttle: denied })).to.deep.include(answer)
      for (const role of ['viewer', null] as const) {
        if (role) server.roles.set(ben.actorId, role)
        else server.roles.delete(ben.actorId)
        expect(await server.push(ben, events, { throttle: denied })).to.deep.include(answer)
      }
      // Who has left is told that the event is safe, and nothing of what came after it.
      expect(await server.push(ben, events)).to.deep.include(NOTHING)
    })

    it('is so in one push with itself, and with what is new', async () => {
      const [first, second] = [ben.setTimeout('a', 1), ben.setTimeout('a', 2)]
      const twice = await server.push(ben, [first, first, second, second])
      expect(twice).to.deep.include({ ok: true, accepted: 2, duplicates: 2, head: 5 })
    })

    it('is so far back in a long history', async () => {
      const early = [ben.setTimeout('a', 1)]
      await server.push(ben, early)
      ann.hear(ben)
      for (let i = 0; i < 7; i++) {
        const batch = Array.from({ length: 100 }, (_, n) => ann.setTimeout('b', n))
        expect(await server.push(ann, batch)).to.have.property('accepted', 100)
      }
      expect(await server.push(ben, early)).to.deep.include({ ok: true, duplicates: 1 })
    })
  })

  describe('of the wrong form', () => {
    const cases: Record<string, (event: PipelineEvent) => unknown> = {
      'that is null': () => null,
      'that is a number': () => 7,
      'that is a list': (event) => [event],
      'without an id': ({ id: _id, ...event }) => event,
      'with an upper-case id': (event) => later(event, { id: event.id.toUpperCase() as never }),
      'with a field too many': (event) => ({ ...event, extra: 1 }),
      'of another pipeline': (event) => later(event, { pipelineId: namedUuid('other') as never }),
      'whose clock lacks its own entry': (event) => later(event, { clock: {} as never }),
      'whose clock and number differ': (event) =>
        later(event, { clock: { ...event.clock, [event.replicaId]: 9 } }),
      'with a payload of another type': (event) => later(event, { type: 'StepRemoved' }),
      'with U+0000 in a text': (event) =>
        later(event, { payload: { stepId: stepId('a'), key: 'k', value: 'a\u0000' } }),
      'with half a character in a text': (event) =>
        later(event, { payload: { stepId: stepId('a'), key: 'k', value: '\ud800' } }),
      'with a key __proto__': (event) =>
        later(event, {
          payload: JSON.parse(
            `{"stepId":"${stepId('a')}","key":"k","value":{"__proto__":1}}`,
          ) as object,
        }),
      'with a configuration key __proto__': (event) =>
        later(event, { payload: { stepId: stepId('a'), key: '__proto__', value: 1 } }),
      'with an hlc of another form': (event) => later(event, { hlc: '2025-11-25' as never }),
      'with an hlc before what it has seen': (event) =>
        later(event, { hlc: hlcOf(NOW - 1_000_000, 0) }),
    }
    for (const [name, spoil] of Object.entries(cases)) {
      it(`${name} is malformed`, async () => {
        const event = spoil(ben.setTimeout('a', 1))
        // As text, since a parsed __proto__ would not survive being copied.
        const { push } = server
        expectStop(await push(ben, [], { events: [event] }), 'malformed')
        expect(await server.stored()).to.have.length(3)
      })
    }

    it('is malformed for whoever sends it, and tells a stranger nothing else', async () => {
      const answer = expectStop(await server.push(sam, [{ nonsense: true }]), 'malformed')
      expect(answer).to.deep.include(NOTHING)
    })

    it('nested beyond every stack is malformed, and harms nobody', async () => {
      let deep: unknown = 1
      for (let i = 0; i < 200_000; i++) deep = [deep]
      const event = later(ben.setTimeout('a', 1), { payload: { deep } })
      expectStop(await server.push(ben, [], { events: [event] }), 'malformed')
    })
  })

  describe('that is too large', () => {
    it('as an event is refused at its place, and one of the largest size is accepted', async () => {
      const fits = ben.act('StepConfigured', { stepId: stepId('a'), key: 'k', value: '' })
      const room = limits.eventBytes - JSON.stringify(fits).length
      const value = (length: number) => ({
        stepId: stepId('a'),
        key: 'k',
        value: 'é'.repeat(length / 2),
      })
      const even = room - (room % 2)
      const largest = later(fits, { payload: value(even) })
      expect(await server.push(ben, [largest])).to.have.property('accepted', 1)
      const over = later(ben.setTimeout('a', 1), { payload: value(even + 2) })
      expectStop(await server.push(ben, [largest, over]), 'too-large', 1)
    })

    it('as a push of more than 100 events is refused whole', async () => {
      const events = Array.from({ length: limits.pushEvents + 1 }, (_, n) => ben.setTimeout('a', n))
      expectStop(await server.push(ben, events), 'too-large')
      expect(await server.push(ben, events.slice(0, -1))).to.have.property('accepted', 100)
    })

    it('as a push of more than 1 MiB is refused whole', async () => {
      const value = 'x'.repeat(200_000)
      const events = Array.from({ length: 6 }, (_, n) =>
        ben.act('StepConfigured', { stepId: stepId('a'), key: `k${n}`, value }),
      )
      expectStop(await server.push(ben, events), 'too-large')
      expect(await server.stored()).to.have.length(3)
      expect(expectStop(await server.push(sam, events), 'too-large')).to.deep.include(NOTHING)
    })

    it('as a push of 1 MiB is refused for the commas between its events', async () => {
      const payload = { stepId: stepId('a'), key: 'k', value: '' }
      const filled = (bare: PipelineEvent, bytes: number) => {
        const value = 'x'.repeat(bytes - JSON.stringify(bare).length)
        return later(bare, { payload: { ...payload, value } })
      }
      const bare = () => ben.act('StepConfigured', payload)
      const events = Array.from({ length: 3 }, () => filled(bare(), limits.eventBytes))
      const [lastBare, room] = [bare(), limits.pushBytes - 3 * limits.eventBytes - 3]
      const [last, over] = [filled(lastBare, room), filled(lastBare, room + 1)]
      expectStop(await server.push(ben, [...events, over]), 'too-large')
      expect(await server.push(ben, [...events, last])).to.have.property('accepted', 4)
    })
  })

  describe('by somebody who may not', () => {
    it('edit is forbidden', async () => {
      const answer = expectStop(await server.push(vic, [vic.setTimeout('a', 1)]), 'forbidden')
      expect(answer.head).to.equal(3)
    })

    it('even see it is not found, with nothing told', async () => {
      const [known, far] = [sam.setTimeout('a', 1), later(sam.setTimeout('a', 2), { seq: 9 })]
      for (const event of [known, later(far, { clock: { ...far.clock, [sam.replicaId]: 9 } })]) {
        expect(expectStop(await server.push(sam, [event]), 'not-found')).to.deep.include(NOTHING)
      }
    })

    it('speak for another person is forbidden', async () => {
      expectStop(await server.push(ben, [ann.setTimeout('a', 1)]), 'forbidden')
    })

    it('write on another person’s replica has to take another one', async () => {
      const event = ben.setTimeout('a', 1)
      const clock = { [ann.replicaId]: 4 }
      const stolen = later(event, { replicaId: ann.replicaId, seq: 4, clock } as never)
      expectStop(await server.push(ben, [stolen]), 'replica-forked')
    })

    it('write on a replica that somebody else has connected with has to, here for the first time too', async () => {
      const device = new Peer('phone').hear(ann)
      await server.replicas.claim(device.replicaId, ann.actorId)
      const squatting = { ...device.setTimeout('a', 1), actorId: ben.actorId }
      expectStop(await server.push(ben, [squatting]), 'replica-forked')
      const { replicaId } = device
      expectStop(await server.push(ben, [], { replicaId, epoch: 9 }), 'replica-forked')
      expect(await server.push(ann, [], { replicaId, epoch: 1 })).to.have.property('ok', true)
    })

    it('become a comment’s author by bringing it back as if before it was made is malformed', async () => {
      ann.act('CommentAdded', { commentId: commentId('c'), body: 'mine' })
      ann.setTimeout('a', 9)
      await server.push(ann, ann.seen.slice(-2))
      ben.hear(ann)
      const restored = ben.act('CommentRestored', { commentId: commentId('c') })
      const clock = { ...restored.clock, [ann.replicaId]: 4 }
      const backdated = later(restored, { clock, hlc: hlcOf(1, 0) } as never)
      expectStop(await server.push(ben, [backdated]), 'malformed')
    })

    it('change a comment’s body is forbidden, whatever the event calls itself', async () => {
      ann.act('CommentAdded', { commentId: commentId('c'), body: 'mine' })
      await server.push(ann, ann.seen.slice(-1))
      ben.hear(ann)
      const payload = { commentId: commentId('c'), body: 'not mine' }
      expectStop(await server.push(ben, [ben.act('CommentEdited', payload)]), 'forbidden')
      const retelling = new Peer('ben').hear(ann).act('CommentAdded', payload)
      expectStop(await server.push(ben, [retelling]), 'forbidden')
      const resolved = new Peer('ben')
        .hear(ann)
        .act('CommentResolved', { commentId: commentId('c') })
      expect(await server.push(ben, [resolved])).to.have.property('accepted', 1)
    })

    it('edit any more is so from that moment', async () => {
      await server.push(ben, [ben.setTimeout('a', 1)])
      server.roles.set(ben.actorId, 'viewer')
      expectStop(await server.push(ben, [ben.setTimeout('a', 2)]), 'forbidden')
      server.roles.delete(ben.actorId)
      expectStop(await server.push(ben, [ben.setTimeout('a', 2)]), 'not-found')
    })
  })

  describe('into an archived pipeline', () => {
    beforeEach(async () => {
      await server.push(ann, [ann.act('PipelineArchived', {})])
    })

    it('is refused, concurrent edits too', async () => {
      expectStop(await server.push(ben, [ben.setTimeout('a', 1)]), 'archived')
      expectStop(await server.push(ben, [new Peer('ben').hear(ann).setTimeout('a', 1)]), 'archived')
    })

    it('is accepted from its unarchiving on', async () => {
      ben.hear(ann)
      const events = [ben.act('PipelineUnarchived', {}), ben.setTimeout('a', 1)]
      expect(await server.push(ben, events)).to.deep.include({ ok: true, accepted: 2 })
    })

    it('is accepted up to an archiving in the same push', async () => {
      ben.hear(ann)
      const events = [
        ben.act('PipelineUnarchived', {}),
        ben.act('PipelineArchived', {}),
        ben.setTimeout('a', 1),
      ]
      expectStop(await server.push(ben, events), 'archived', 2)
    })
  })

  describe('that causality does not allow', () => {
    it('because events of the replica are missing is a gap', async () => {
      const [, second] = [ben.setTimeout('a', 1), ben.setTimeout('a', 2)]
      const answer = expectStop(await server.push(ben, [second]), 'gap')
      expect(answer.vector).to.deep.equal({ [ann.replicaId]: 3 })
    })

    it('because a number is left out in the middle is a gap there', async () => {
      const events = [1, 2, 3].map((n) => ben.setTimeout('a', n))
      expectStop(await server.push(ben, [events[0], events[2]]), 'gap', 1)
    })

    it('because it has seen what is not here is a missing dependency', async () => {
      const cleo = new Peer('cleo').hear(ann)
      cleo.setTimeout('a', 5)
      expectStop(await server.push(ben, [ben.hear(cleo).setTimeout('a', 1)]), 'missing-dependency')
    })

    it('because it is about a thing that never was is a missing dependency', async () => {
      const things: (() => PipelineEvent)[] = [
        () => ben.setTimeout('never', 1),
        () => ben.act('StepRemoved', { stepId: stepId('never') }),
        () => ben.act('StepRestored', { stepId: stepId('never') }),
        () => ben.act('StepsConnected', endsOf('a', 'never')),
        () => ben.act('StepsDisconnected', endsOf('a', 'b')),
        () => ben.act('NoteEdited', { noteId: stepId('never') as never, text: 'x' }),
        () => ben.act('CommentResolved', { commentId: commentId('never') }),
        () =>
          ben.act('CommentAdded', { commentId: commentId('x'), body: 'x', stepId: stepId('no') }),
        () =>
          ben.act('CommentAdded', {
            commentId: commentId('x'),
            body: 'x',
            replyTo: commentId('no'),
          }),
      ]
      for (const act of things) {
        ben = new Peer('ben').hear(ann)
        expectStop(await server.push(ben, [act()]), 'missing-dependency')
      }
    })

    it('because it has not seen the addition that is here is a missing dependency', async () => {
      ann.addStep('x')
      await server.push(ann, ann.seen.slice(-1))
      expectStop(await server.push(ben, [ben.setTimeout('x', 1)]), 'missing-dependency')
      expect(await server.push(ben, [new Peer('ben').hear(ann).setTimeout('x', 1)])).to.include({
        ok: true,
      })
    })

    it('because its place is taken by another event is a fork', async () => {
      await server.push(ben, [ben.setTimeout('a', 1)])
      const copied = new Peer('ben').hear(ann).setTimeout('b', 9)
      expectStop(await server.push(ben, [copied]), 'replica-forked')
      const other = later(ben.setTimeout('a', 2), { id: namedUuid('other') as never })
      const mine = ben.seen.at(-1)!
      expectStop(await server.push(ben, [mine, other]), 'replica-forked', 1)
    })

    it('is told after the role: a viewer hears nothing of it', async () => {
      const far = later(vic.setTimeout('a', 1), { seq: 9, clock: { [vic.replicaId]: 9 } as never })
      expectStop(await server.push(vic, [far]), 'forbidden')
    })
  })

  describe('about removed things, twice removed things and cycles', () => {
    it('is never refused: those are merged', async () => {
      ann.connect('a', 'b')
      ann.act('StepRemoved', { stepId: stepId('a') })
      await server.push(ann, ann.seen.slice(-2))
      ben.hear(ann)
      const events = [
        ben.setTimeout('a', 1),
        ben.act('StepRemoved', { stepId: stepId('a') }),
        ben.act('StepRestored', { stepId: stepId('a') }),
        ben.connect('b', 'a'),
        ben.connect('a', 'a'),
        ben.connect('a', 'b'),
      ]
      expect(await server.push(ben, events)).to.deep.include({ ok: true, accepted: 6 })
    })
  })

  describe('from a device whose clock is wrong', () => {
    it('is clock-ahead beyond a minute, with the server’s time', async () => {
      const at = (ms: number) => later(ben.seen.at(-1)!, { hlc: hlcOf(ms, 0) })
      ben.setTimeout('a', 1)
      const answer = expectStop(await server.push(ben, [at(NOW + 60_001)]), 'clock-ahead')
      expect(answer.serverTime).to.equal(NOW)
      expect(await server.push(ben, [at(NOW + 60_000)])).to.have.property('accepted', 1)
    })

    it('is measured from the pipeline’s greatest hlc before the push, not within it', async () => {
      const first = later(ben.setTimeout('a', 1), { hlc: hlcOf(NOW + 60_000, 0) })
      const second = later(ben.setTimeout('a', 2), { hlc: hlcOf(NOW + 120_000, 0) })
      expectStop(await server.push(ben, [first, second]), 'clock-ahead', 1)
      expect(await server.push(ben, [second])).to.have.property('accepted', 1)
    })

    it('is accepted however far behind, if it is after what it has seen', async () => {
      const slow = new Peer('ben', -1_000_000_000).hear(ann)
      expect(await server.push(slow, [slow.setTimeout('a', 1)])).to.have.property('accepted', 1)
    })

    it('is told after causality', async () => {
      const [, second] = [ben.setTimeout('a', 1), ben.setTimeout('a', 2)]
      expectStop(await server.push(ben, [later(second, { hlc: hlcOf(NOW * 2, 0) })]), 'gap')
    })
  })

  describe('of events that this server does not know', () => {
    it('is kept as it is, and counted', async () => {
      const unknown = later(ben.setTimeout('a', 1), { type: 'StepPainted', payload: { a: 1 } })
      const newer = later(ben.setTimeout('a', 2), { schema: 2, payload: { b: [2] } })
      expect(await server.push(ben, [unknown, newer])).to.deep.include({ ok: true, accepted: 2 })
      expect((await server.stored()).slice(3)).to.deep.equal([unknown, newer])
      expect(await server.push(ben, [ben.setTimeout('a', 3)])).to.have.property('accepted', 1)
    })

    it('creates nothing', async () => {
      const fresh = startAdmission()
      fresh.roles.set(ann.actorId, 'owner')
      const newer = later(ann.seen[0]!, { schema: 2 })
      expectStop(await fresh.push(ann, [newer]), 'not-found')
    })
  })

  describe('of a tagged version', () => {
    const tag = (peer: Peer, cut: object) =>
      peer.act('VersionTagged', {
        versionId: namedUuid('version') as VersionId,
        label: 'v1',
        cut: cut as never,
      })

    it('of everything in view, of nothing, and of any closed cut is accepted', async () => {
      const cuts = [{ [ann.replicaId]: 3 }, {}, { [ann.replicaId]: 2 }]
      for (const [n, cut] of cuts.entries()) {
        const peer = new Peer(`tagger${n}`).hear(ann)
        server.roles.set(peer.actorId, 'editor')
        expect(await server.push(peer, [tag(peer, cut)])).to.have.property('accepted', 1)
      }
    })

    it('whose cut holds more than it has seen is malformed', async () => {
      expectStop(await server.push(ben, [tag(ben, { [ann.replicaId]: 4 })]), 'malformed')
      const unheard = new Peer('ben').hear(ann)
      expectStop(await server.push(ben, [tag(unheard, { cleo00000000: 1 })]), 'malformed')
    })

    it('is malformed where its cut is not closed, though its own clock says the same', async () => {
      ben.setTimeout('a', 1)
      await server.push(ben, ben.seen.slice(-1))
      const cut = { [ann.replicaId]: 2, [ben.replicaId]: 1 }
      const third = new Peer('ann2').hear(ben)
      const whole = tag(third, cut)
      const event = later(whole, { actorId: ann.actorId, clock: { ...cut, [third.replicaId]: 1 } })
      expectStop(await server.push(ann, [event]), 'malformed')
    })

    it('whose cut leaves out what its events have seen is malformed', async () => {
      await server.push(ben, [ben.setTimeout('a', 1)])
      ann.hear(ben)
      const open = { [ben.replicaId]: 1, [ann.replicaId]: 2 }
      expectStop(await server.push(ann, [tag(ann, open)]), 'malformed')
    })

    it('is held against the events of its own push too', async () => {
      const events = [ben.setTimeout('a', 1), tag(ben, { [ben.replicaId]: 1 })]
      expectStop(await server.push(ben, events), 'malformed', 1)
    })
  })

  describe('beyond the rate', () => {
    it('is told how long to wait, once something new would be accepted', async () => {
      const answer = await server.push(ben, [ben.setTimeout('a', 1)], { throttle: () => 250 })
      expect(expectStop(answer, 'rate-limited').retryAfterMs).to.equal(250)
      expect(await server.stored()).to.have.length(3)
    })

    it('is asked about once, however many events and attempts it takes', async () => {
      const other = server.anotherNode()
      await other.push(ann, [])
      await server.push(ann, [ann.setTimeout('a', 1)])
      let asked = 0
      const throttle = () => {
        asked += 1
        return null
      }
      ben.hear(ann)
      const events = [ben.setTimeout('a', 2), ben.setTimeout('a', 3)]
      expect(await other.push(ben, events, { throttle })).to.have.property('accepted', 2)
      expect(asked).to.equal(1)
    })

    it('is told after everything else: a bad event is refused at once', async () => {
      const throttle = () => 250
      expectStop(await server.push(vic, [vic.setTimeout('a', 1)], { throttle }), 'forbidden')
      const [, second] = [ben.setTimeout('a', 1), ben.setTimeout('a', 2)]
      expectStop(await server.push(ben, [second], { throttle }), 'gap')
    })
  })

  describe('while the log cannot be reached', () => {
    it('is unavailable, and accepted when it is sent again', async () => {
      const events = [ben.setTimeout('a', 1)]
      server.isDown = true
      expect(expectStop(await server.push(ben, events), 'unavailable')).to.deep.include(NOTHING)
      server.isDown = false
      expect(await server.push(ben, events)).to.deep.include({ ok: true, accepted: 1 })
    })

    it('holds up no other pipeline’s push for ever, nor the next of its own', async () => {
      server.isDown = true
      const answers = [1, 2, 3].map((n) => server.push(ben, [ben.setTimeout('a', n)]))
      for (const answer of await Promise.all(answers)) expect(answer).to.include({ ok: false })
      server.isDown = false
      expect(await server.push(ben, ben.seen.slice(-3))).to.have.property('accepted', 3)
    })
  })
})
