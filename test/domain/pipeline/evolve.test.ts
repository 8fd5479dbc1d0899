import { expect } from 'chai'
import fc from 'fast-check'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import type { EventId, StepId } from '../../../domain/ids.ts'
import { canonicalJson } from '../../../domain/json.ts'
import { deliver } from '../../../domain/pipeline/causal-delivery.ts'
import { evolve, evolveAll } from '../../../domain/pipeline/evolve.ts'
import { restoreSnapshot, takeSnapshot } from '../../../domain/pipeline/snapshot.ts'
import { forkState, initialState } from '../../../domain/pipeline/state.ts'
import { viewOf } from '../../../domain/pipeline/view.ts'
import { namedUuid, pipelineEvent } from '../../support/events.ts'
import { moves, PIPELINE, play, shuffled } from './histories.ts'
import { oracleView } from './oracle.ts'

/** The parts of a view that the oracle gives too. */
function comparable(state: ReturnType<typeof initialState>) {
  const { pipeline, steps, connections, notes, comments, conflicts } = viewOf(state)
  return {
    pipeline: {
      name: pipeline.name,
      description: pipeline.description,
      graphRule: pipeline.graphRule,
      status: pipeline.status,
    },
    steps,
    connections,
    notes,
    comments: comments.map(({ id, body, resolved }) => ({ id, body, resolved })),
    conflicts,
  }
}

const foldInOrder = (events: readonly PipelineEvent[]) => evolveAll(initialState(PIPELINE), events)

describe('evolve', () => {
  it('gives what the rules say, by a slow and separate oracle (M1 to M6)', () => {
    const seen = { field: 0, 'edited-while-removed': 0, 'suspended-connection': 0, dangling: 0 }
    fc.assert(
      fc.property(moves, (script) => {
        const events = play(script)
        const state = foldInOrder(events)
        expect(comparable(state)).to.deep.equal(oracleView(events))
        const { conflicts, connections } = viewOf(state)
        for (const { kind } of conflicts) seen[kind] += 1
        seen.dangling += connections.filter(({ status }) => status === 'dangling').length
      }),
      { numRuns: 250, seed: 20_251_125 },
    )
    for (const [kind, count] of Object.entries(seen)) expect(count, kind).to.be.greaterThan(100)
  })

  it('gives the same state in every causally legal order, with duplicates and in batches (M6)', () => {
    fc.assert(
      fc.property(
        moves,
        fc.array(fc.nat(9_999), { minLength: 8, maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        (script, salt, batch) => {
          const events = play(script)
          const state = initialState(PIPELINE)
          const arriving = shuffled(events, salt)
          let waiting: readonly PipelineEvent[] = []
          for (let at = 0; at < arriving.length; at += batch) {
            waiting = deliver(state, [...waiting, ...arriving.slice(at, at + batch)])
          }
          expect(waiting).to.deep.equal([])
          const expected = takeSnapshot(foldInOrder(events))
          expect(canonicalJson(takeSnapshot(state))).to.equal(canonicalJson(expected))
        },
      ),
      { numRuns: 300, seed: 7 },
    )
  })

  it('goes on from a snapshot as from the events', () => {
    fc.assert(
      fc.property(moves, fc.nat(100), (script, cut) => {
        const events = play(script)
        const at = cut % events.length
        const text = JSON.stringify(takeSnapshot(foldInOrder(events.slice(0, at))))
        const restored = restoreSnapshot(JSON.parse(text))!
        evolveAll(restored, events.slice(at))
        expect(takeSnapshot(restored)).to.deep.equal(takeSnapshot(foldInOrder(events)))
      }),
      { numRuns: 100, seed: 11 },
    )
  })

  it('leaves the state that a fork was taken from untouched', () => {
    fc.assert(
      fc.property(moves, fc.nat(100), (script, cut) => {
        const events = play(script)
        const at = cut % events.length
        const state = foldInOrder(events.slice(0, at))
        const before = JSON.stringify(takeSnapshot(state))
        evolveAll(forkState(state), events.slice(at))
        expect(JSON.stringify(takeSnapshot(state))).to.equal(before)
      }),
      { numRuns: 50, seed: 13 },
    )
  })

  it('keeps an unknown type and a newer schema unapplied, and counts them', () => {
    const unknown = pipelineEvent({ type: 'StepPainted', payload: { colour: 'red' } })
    const newer = pipelineEvent({ seq: 2, schema: 2 })
    const state = foldInOrder([unknown, newer])
    expect(state.unapplied.map(({ type, schema }) => `${type} ${schema}`).sort()).to.deep.equal([
      'StepMoved 2',
      'StepPainted 1',
    ])
    expect(viewOf(state).vector).to.deep.equal({ [unknown.replicaId]: 2 })
    expect(viewOf(state).steps).to.deep.equal([])
  })

  it('keeps a stored event that its schema refuses unapplied', () => {
    const payload = { stepId: namedUuid('step') as StepId, placement: { x: 'left', y: 0 } }
    const state = foldInOrder([pipelineEvent({ payload })])
    expect(state.unapplied).to.have.length(1)
  })

  it('throws on an event whose causes are missing, which is a bug of the caller', () => {
    expect(() => evolve(initialState(PIPELINE), pipelineEvent({ seq: 2 }))).to.throw('causes')
  })

  it('ignores the same place of a replica under another id: a fork is for the sync to mend', () => {
    const first = pipelineEvent()
    const state = foldInOrder([first])
    const before = JSON.stringify(takeSnapshot(state))
    evolve(state, { ...first, id: namedUuid('other') as EventId })
    expect(JSON.stringify(takeSnapshot(state))).to.equal(before)
  })
})
