import { expect } from 'chai'
import { PendingEdits } from '../../../frontend/replica/pending-edits.ts'
import { Peer, stepId } from '../../domain/pipeline/peer.ts'

describe('pending edits', () => {
  const ann = new Peer('ann').begin('a', 'b')
  const [one, two, three] = [
    ann.setTimeout('a', 1),
    ann.setTimeout('a', 2),
    ann.setTimeout('b', 3),
  ] as const
  let edits: PendingEdits

  beforeEach(() => {
    edits = new PendingEdits()
    edits.add([one, two, three])
  })

  it('are about a step until the last of its edits has gone', () => {
    edits.delete([one.id])
    expect([...edits.things]).to.deep.equal([stepId('a'), stepId('b')])
    edits.delete([two.id])
    expect([...edits.things]).to.deep.equal([stepId('b')])
    expect([...edits.ids]).to.deep.equal([three.id])
  })

  it('give the same set of steps for as long as the same steps are in it', () => {
    const before = edits.things
    edits.delete([one.id])
    expect(edits.things).to.equal(before)
    edits.add([one])
    expect(edits.things).to.equal(before)
    edits.delete([three.id])
    expect(edits.things).not.to.equal(before)
  })

  it('count an edit once that is added or taken out again', () => {
    edits.add([one])
    edits.delete([one.id, one.id, 'of another device'])
    expect([...edits.things]).to.deep.equal([stepId('a'), stepId('b')])
    edits.delete([two.id])
    expect([...edits.things]).to.deep.equal([stepId('b')])
  })

  it('hold nothing once they are cleared', () => {
    edits.clear()
    expect([edits.ids.size, edits.things.size]).to.deep.equal([0, 0])
    edits.add([three])
    expect([...edits.things]).to.deep.equal([stepId('b')])
  })
})
