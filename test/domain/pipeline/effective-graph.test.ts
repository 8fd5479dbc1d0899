import { expect } from 'chai'
import fc from 'fast-check'
import type { ConnectionEnds } from '../../../domain/events/pipeline-events.ts'
import { effectiveGraph } from '../../../domain/pipeline/effective-graph.ts'
import { connectionKey } from '../../../domain/pipeline/effects.ts'
import { evolve } from '../../../domain/pipeline/evolve.ts'
import {
  exists,
  forkState,
  initialState,
  type PipelineState,
} from '../../../domain/pipeline/state.ts'
import { compareStamps } from '../../../domain/pipeline/total-order.ts'
import { endsOf, folded, Peer, stepId } from './peer.ts'

const STEPS = ['a', 'b', 'c', 'd', 'e', 'f']

type Edit = { by: number; from: number; to: number; port: number; disconnect: boolean }

/** Four people, with clocks that differ, connect six steps without hearing of each other. */
const histories = fc
  .record({
    skews: fc.array(fc.nat(40), { minLength: 4, maxLength: 4 }),
    edits: fc.array(
      fc.record({
        by: fc.nat(3),
        from: fc.nat(5),
        to: fc.nat(5),
        port: fc.nat(1),
        disconnect: fc.nat(5).map((n) => n === 0),
      }),
      { minLength: 1, maxLength: 26, size: 'max' },
    ),
    removed: fc.nat(11),
    isFree: fc.nat(5).map((n) => n === 0),
  })
  .map(({ skews, edits, removed, isFree }) => {
    const owner = new Peer('owner').begin(...STEPS)
    const people = skews.map((skew, n) => new Peer(`person${n}`, skew).hear(owner))
    for (const edit of edits) edited(people[edit.by]!, edit)
    if (removed < STEPS.length) {
      owner.now += 1_000
      owner.act('StepRemoved', { stepId: stepId(STEPS[removed]!) })
    }
    if (isFree) owner.act('PipelineGraphRuleSet', { graphRule: 'free' })
    return owner.hear(...people)
  })

const graphs = histories.map(({ state }) => state)

function edited(person: Peer, { from, to, port, disconnect }: Edit): void {
  const ends = [STEPS[from]!, STEPS[to]!, `in${port}`] as const
  const known = person.state.connections.has(connectionKey(endsOf(...ends)))
  if (disconnect && known) person.disconnect(...ends)
  else person.connect(...ends)
}

/** Many connections and removals among thirty steps, by three people who hear of each other late. */
const longHistories = fc
  .array(fc.tuple(fc.nat(2), fc.nat(29), fc.nat(29), fc.nat(9)), {
    minLength: 300,
    maxLength: 300,
  })
  .map((edits) => {
    const names = Array.from({ length: 30 }, (_, n) => `s${n}`)
    const owner = new Peer('owner').begin(...names)
    const people = [0, 30, 4_000].map((skew, n) => new Peer(`person${n}`, skew).hear(owner))
    edits.forEach(([by, from, to, what], index) => {
      const person = people[by]!
      const ends = [names[from]!, names[to]!] as const
      const step = { stepId: stepId(names[from]!) }
      const known = [...person.state.connections.values()].filter(exists)
      const some = known[(from * 30 + to) % Math.max(1, known.length)]
      if (what < 6 || !some) person.connect(...ends)
      else if (what < 8) person.act('StepsDisconnected', some.ends)
      else if (exists(person.state.steps.get(step.stepId)!)) person.act('StepRemoved', step)
      else person.act('StepRestored', step)
      if (index % 60 === 59) for (const one of people) one.hear(...people)
    })
    return owner.hear(...people).seen
  })

interface Placed {
  readonly ends: ConnectionEnds
  readonly status: 'active' | 'suspended' | 'dangling'
  readonly blockedBy?: readonly ConnectionEnds[]
}

/** M5 word for word: paths are made longer one by one, in the order of T. */
function byDefinition(state: PipelineState): Map<string, Placed> {
  const there = (id: string) => exists(state.steps.get(id)!)
  const accepted: ConnectionEnds[] = []
  const turns = [...state.connections.values()]
    .filter(exists)
    .sort((a, b) => compareStamps(a.earliestAdd, b.earliestAdd))
  const isFree = state.pipeline.fields.get('graphRule')![0]!.value === 'free'
  return new Map(
    turns.map(({ key, ends }): [string, Placed] => {
      if (!there(ends.from.stepId) || !there(ends.to.stepId))
        return [key, { ends, status: 'dangling' }]
      const blockedBy = isFree ? null : firstShortest(ends, accepted)
      if (blockedBy) return [key, { ends, status: 'suspended', blockedBy }]
      accepted.push(ends)
      return [key, { ends, status: 'active' }]
    }),
  )
}

function firstShortest({ from, to }: ConnectionEnds, accepted: readonly ConnectionEnds[]) {
  let paths: ConnectionEnds[][] = [[]]
  const end = (path: ConnectionEnds[]) => path.at(-1)?.to.stepId ?? to.stepId
  for (let length = 0; length <= STEPS.length && paths.length > 0; length++) {
    const found = paths.find((path) => end(path) === from.stepId)
    if (found) return found
    paths = paths.flatMap((path) =>
      accepted.filter((next) => next.from.stepId === end(path)).map((next) => [...path, next]),
    )
  }
  return null
}

const statusesOf = (places: ReadonlyMap<string, Placed>) =>
  new Map([...places].map(([key, { status }]) => [key, status]))
const all = (state: PipelineState) => [...effectiveGraph(state).connections.values()]
/** Every connection with its place, as the graph says it. */
const placed = (state: PipelineState) =>
  new Map(all(state).map(({ key, ...rest }): [string, Placed] => [key, rest]))
const active = (state: PipelineState) => all(state).filter(({ status }) => status === 'active')
const statuses = (state: PipelineState) =>
  new Map(all(state).map(({ key, status }) => [key, status]))
const statusOf = (state: PipelineState, from: string, to: string) =>
  effectiveGraph(state).connections.get(connectionKey(endsOf(from, to)))

describe('the effective graph (M5)', () => {
  it('is what the definition says', () => {
    const seen = { active: 0, suspended: 0, dangling: 0, longPaths: 0 }
    fc.assert(
      fc.property(graphs, (state) => {
        const expected = byDefinition(state)
        expect(placed(state)).to.deep.equal(expected)
        for (const { status, blockedBy } of expected.values()) {
          seen[status] += 1
          if ((blockedBy?.length ?? 0) > 1) seen.longPaths += 1
        }
      }),
      { numRuns: 250, seed: 1 },
    )
    for (const [what, count] of Object.entries(seen)) expect(count, what).to.be.greaterThan(50)
  })

  it('has no cycle in an acyclic pipeline', () => {
    fc.assert(
      fc.property(graphs, (state) => {
        fc.pre(state.pipeline.fields.get('graphRule')![0]!.value === 'acyclic')
        let left = active(state).map(({ ends }) => [ends.from.stepId, ends.to.stepId] as const)
        for (let size = Infinity; left.length < size;) {
          size = left.length
          // What no connection leads to cannot lie on a cycle; nor can what only that leads to.
          left = left.filter(([from]) => left.some(([, to]) => to === from))
        }
        expect(left).to.deep.equal([])
      }),
      { numRuns: 200, seed: 2 },
    )
  })

  it('blocks by a real path of active connections, each with an earlier turn', () => {
    fc.assert(
      fc.property(graphs, (state) => {
        for (const { key, ends, status, blockedBy } of all(state)) {
          if (status !== 'suspended') {
            expect(blockedBy).to.equal(undefined)
            continue
          }
          const path = blockedBy!
          const stops = [ends.to.stepId, ...path.map(({ to }) => to.stepId)]
          expect(stops.at(-1)).to.equal(ends.from.stepId)
          expect(path.map(({ from }) => from.stepId)).to.deep.equal(stops.slice(0, -1))
          const turn = state.connections.get(key)!.earliestAdd
          for (const part of path) {
            const partKey = connectionKey(part)
            expect(effectiveGraph(state).connections.get(partKey)?.status).to.equal('active')
            const earlier = state.connections.get(partKey)!.earliestAdd
            expect(compareStamps(earlier, turn)).to.be.lessThan(0)
          }
        }
      }),
      { numRuns: 200, seed: 3 },
    )
  })

  it('lists exactly the connections that exist', () => {
    fc.assert(
      fc.property(graphs, (state) => {
        const existing = [...state.connections.values()].filter(exists).map(({ key }) => key)
        expect(all(state).map(({ key }) => key)).to.have.members(existing)
      }),
      { numRuns: 100, seed: 4 },
    )
  })

  it('is what the definition says after every event, kept from one to the next', () => {
    const seen = { changed: 0, revived: 0, yielded: 0 }
    fc.assert(
      fc.property(histories, fc.boolean(), ({ seen: events }, isRead) => {
        const state = initialState(events[0]!.pipelineId)
        let before = new Map<string, Placed>()
        for (const event of events) {
          evolve(state, event)
          const now = byDefinition(state)
          // The paths are looked for when they are read: now and then nobody reads them.
          if (isRead || event === events.at(-1)) expect(placed(state)).to.deep.equal(now)
          else expect(statuses(state)).to.deep.equal(statusesOf(now))
          for (const [key, { status }] of now) {
            const was = before.get(key)?.status
            if (was && was !== status) seen.changed += 1
            if (was === 'suspended' && status === 'active') seen.revived += 1
            if (was === 'active' && status === 'suspended') seen.yielded += 1
          }
          before = now
        }
      }),
      { numRuns: 250, seed: 6 },
    )
    for (const [what, count] of Object.entries(seen)) expect(count, what).to.be.greaterThan(20)
  })

  it('is the same kept over a long history as computed at once', () => {
    fc.assert(
      fc.property(longHistories, (events) => {
        const state = initialState(events[0]!.pipelineId)
        events.forEach((event, index) => {
          evolve(state, event)
          if (index % 7 === 0) effectiveGraph(state)
          if (index % 50 === 0) expect(placed(state)).to.deep.equal(placed(forkState(state)))
        })
        expect(placed(state)).to.deep.equal(placed(forkState(state)))
        expect(all(state).some(({ status }) => status === 'suspended')).to.equal(true)
      }),
      { numRuns: 25, seed: 7 },
    )
  })

  it('remembers its result until an event changes it, and never shows an old one', () => {
    fc.assert(
      fc.property(graphs, (state) => {
        const before = effectiveGraph(state)
        expect(effectiveGraph(state)).to.equal(before)
        expect(placed(forkState(state))).to.deep.equal(placed(state))
      }),
      { numRuns: 20, seed: 5 },
    )
    const ann = new Peer('ann').begin('a', 'b')
    const statuses = () => all(ann.state).map(({ status }) => status)
    ann.connect('a', 'b')
    expect(statuses()).to.deep.equal(['active'])
    ann.connect('b', 'a')
    expect(statuses()).to.deep.equal(['active', 'suspended'])
    ann.act('PipelineGraphRuleSet', { graphRule: 'free' })
    expect(statuses()).to.deep.equal(['active', 'active'])
    ann.act('StepRemoved', { stepId: stepId('b') })
    expect(statuses()).to.deep.equal(['dangling', 'dangling'])
    ann.act('StepRestored', { stepId: stepId('b') })
    ann.act('PipelineGraphRuleSet', { graphRule: 'acyclic' })
    ann.disconnect('a', 'b')
    expect(statuses()).to.deep.equal(['active'])
  })
})

describe('a suspended connection', () => {
  it('of a step to itself is blocked by nothing but itself', () => {
    const ann = new Peer('ann').begin('a')
    ann.connect('a', 'a')
    expect(statusOf(ann.state, 'a', 'a')).to.deep.include({ status: 'suspended', blockedBy: [] })
    ann.act('PipelineGraphRuleSet', { graphRule: 'free' })
    expect(statusOf(ann.state, 'a', 'a')!.status).to.equal('active')
  })

  it('is the later one of two that close a cycle together', () => {
    const ann = new Peer('ann').begin('a', 'b')
    const ben = new Peer('ben', 50).hear(ann)
    ann.connect('a', 'b')
    ben.connect('b', 'a')
    for (const state of [ann.hear(ben).state, ben.hear(ann).state]) {
      expect(statusOf(state, 'a', 'b')!.status).to.equal('active')
      expect(statusOf(state, 'b', 'a')).to.deep.include({
        status: 'suspended',
        blockedBy: [endsOf('a', 'b')],
      })
    }
  })

  it('revives when a connection of the path goes, and when a step of it goes', () => {
    const ann = new Peer('ann').begin('a', 'b', 'c')
    ann.connect('a', 'b')
    ann.connect('b', 'c')
    ann.connect('c', 'a')
    expect(statusOf(ann.state, 'c', 'a')!.blockedBy).to.deep.equal([
      endsOf('a', 'b'),
      endsOf('b', 'c'),
    ])
    const without = new Peer('ben').hear(ann)
    without.disconnect('a', 'b')
    expect(statusOf(without.state, 'c', 'a')!.status).to.equal('active')
    ann.act('StepRemoved', { stepId: stepId('b') })
    expect(statusOf(ann.state, 'c', 'a')!.status).to.equal('active')
    ann.act('StepRestored', { stepId: stepId('b') })
    expect(statusOf(ann.state, 'c', 'a')!.status).to.equal('suspended')
  })

  it('keeps the turn of its earliest addition, removed or not, by whoever it was', () => {
    const ann = new Peer('ann').begin('a', 'b')
    ann.connect('a', 'b')
    ann.disconnect('a', 'b')
    const ben = new Peer('ben', 500).hear(ann)
    ann.connect('b', 'a')
    ben.connect('a', 'b')
    expect(statusOf(ann.hear(ben).state, 'a', 'b')!.status).to.equal('active')
    expect(statusOf(ann.state, 'b', 'a')!.status).to.equal('suspended')
  })
})

describe('a connection', () => {
  it('is one, however often its four values are added (M4)', () => {
    const ann = new Peer('ann').begin('a', 'b')
    const ben = new Peer('ben').hear(ann)
    ann.connect('a', 'b')
    ben.connect('a', 'b')
    ann.hear(ben)
    expect(all(ann.state)).to.have.length(1)
    ann.connect('a', 'b', 'in1')
    expect(all(ann.state)).to.have.length(2)
  })

  it('that was added while somebody else removed it exists (M2)', () => {
    const ann = new Peer('ann').begin('a', 'b')
    ann.connect('a', 'b')
    const ben = new Peer('ben').hear(ann)
    ann.disconnect('a', 'b')
    ben.disconnect('a', 'b')
    ben.connect('a', 'b')
    expect(statusOf(ann.hear(ben).state, 'a', 'b')!.status).to.equal('active')
  })

  it('dangles while one of its ends is missing, and blocks nobody', () => {
    const ann = new Peer('ann').begin('a', 'b')
    ann.connect('a', 'b')
    ann.act('StepRemoved', { stepId: stepId('a') })
    expect(statusOf(ann.state, 'a', 'b')).to.deep.include({ status: 'dangling' })
    ann.act('StepRestored', { stepId: stepId('a') })
    expect(statusOf(ann.state, 'a', 'b')!.status).to.equal('active')
    expect(statusOf(folded(ann.seen), 'a', 'b')!.status).to.equal('active')
  })
})
