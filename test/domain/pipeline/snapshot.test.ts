import { expect } from 'chai'
import fc from 'fast-check'
import { canonicalJson } from '../../../domain/json.ts'
import { FOLD_VERSION, restoreSnapshot, takeSnapshot } from '../../../domain/pipeline/snapshot.ts'
import { viewOf } from '../../../domain/pipeline/view.ts'
import { pipelineEvent } from '../../support/events.ts'
import { moves, play } from './histories.ts'
import { folded, Peer, stepId } from './peer.ts'

describe('a snapshot of a state', () => {
  it('comes back from JSON as the state that it was taken of', () => {
    fc.assert(
      fc.property(moves, (script) => {
        const state = folded(play(script))
        const restored = restoreSnapshot(JSON.parse(JSON.stringify(takeSnapshot(state))))!
        expect(viewOf(restored)).to.deep.equal(viewOf(state))
        expect(takeSnapshot(restored)).to.deep.equal(takeSnapshot(state))
        expect(restored.greatestHlc).to.equal(state.greatestHlc)
      }),
      { numRuns: 100, seed: 1 },
    )
  })

  it('is one text for one state, however that came to be', () => {
    const [ann, ben] = [new Peer('ann').begin('a', 'b'), new Peer('ben')]
    ben.hear(ann)
    ann.setTimeout('b', 1)
    ben.setTimeout('a', 2)
    ben.connect('a', 'b')
    ann.hear(ben)
    ben.hear(ann)
    expect(JSON.stringify(takeSnapshot(ann.state))).to.equal(
      JSON.stringify(takeSnapshot(ben.state)),
    )
  })

  it('keeps what this program could not apply', () => {
    const state = folded([pipelineEvent({ type: 'StepPainted', payload: {} })])
    expect(restoreSnapshot(takeSnapshot(state))!.unapplied).to.deep.equal(state.unapplied)
    expect(state.unapplied).to.have.length(1)
  })

  it('is thrown away when another version of the fold made it', () => {
    const snapshot = takeSnapshot(new Peer('ann').begin('a').state)
    expect(restoreSnapshot({ ...snapshot, fold: FOLD_VERSION + 1 })).to.equal(null)
    expect(restoreSnapshot({ ...snapshot, fold: FOLD_VERSION - 1 })).to.equal(null)
  })

  it('does not change when the state that it was taken of goes on', () => {
    const ann = new Peer('ann').begin('a', 'b')
    const snapshot = takeSnapshot(ann.state)
    const before = canonicalJson(snapshot)
    ann.setTimeout('a', 5)
    ann.connect('a', 'b')
    ann.act('StepRemoved', { stepId: stepId('a') })
    ann.act('PipelineRenamed', { name: 'other' })
    expect(canonicalJson(snapshot)).to.equal(before)
  })

  it('does not change when the state that was made of it goes on', () => {
    const ann = new Peer('ann').begin('a', 'b')
    const snapshot = takeSnapshot(ann.state)
    const before = canonicalJson(snapshot)
    const restored = restoreSnapshot(snapshot)!
    ann.take([])
    const ben = new Peer('ben')
    Object.assign(ben.state, restored)
    ben.setTimeout('a', 5)
    ben.connect('a', 'b')
    expect(canonicalJson(snapshot)).to.equal(before)
  })
})
