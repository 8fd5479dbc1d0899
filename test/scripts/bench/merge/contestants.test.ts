import { expect } from 'chai'
import { LATE_EDITS } from '../../../../scripts/bench/merge/contestant.ts'
import { CONTESTANTS, type ContestantName } from '../../../../scripts/bench/merge/contestants.ts'
import { withLateBranch } from '../../../../scripts/bench/merge/late-branch.ts'
import { differenceOf, setsAfter } from '../../../../scripts/bench/merge/trace-sets.ts'
import { tinyTrace } from './tiny-trace.ts'

describe('every contestant of the bench', () => {
  const trace = tinyTrace()

  for (const name of Object.keys(CONTESTANTS) as ContestantName[]) {
    it(`reaches what the trace expects, one by one, in batches and from storage: ${name}`, async () => {
      const contestant = await CONTESTANTS[name]()
      const prepared = contestant.prepare(trace)
      const expected = {
        ...trace.expected,
        stepIds: trace.expected.stepIds.map((id) => contestant.stepId(id)),
      }
      const slow = contestant.start(prepared.start)
      for (const message of prepared.messages) slow.receive(message)
      const fast = contestant.start(prepared.start)
      for (const batch of prepared.batches) fast.receiveBatch(batch)
      const copies = [slow, fast, contestant.open?.(prepared.stored)]
      for (const copy of copies) {
        if (copy) expect(differenceOf(copy.reached(), expected)).to.equal(null)
      }
    })
  }
})

describe('the sets that a merge has to reach', () => {
  it('are those of the trace at its end, and what there was on the way', () => {
    const trace = tinyTrace()
    expect(setsAfter(trace, trace.ops.length)).to.deep.equal(trace.expected)
    expect(setsAfter(trace, 1)).to.deep.equal({ stepIds: ['s_1', 's_2', 's_3'], edgeIds: ['e_1'] })
  })

  it('say what is missing and what is too many', () => {
    const [has, wants] = [
      { stepIds: ['a', 'b'], edgeIds: [] },
      { stepIds: ['b', 'c'], edgeIds: [] },
    ]
    expect(differenceOf(has, has)).to.equal(null)
    expect(differenceOf(has, wants)).to.equal('stepIds: 1 missing (c), 1 more (a)')
  })
})

describe('a late branch', () => {
  it('comes last, from a replica of its own that has seen only the first part', () => {
    const trace = tinyTrace()
    const { ops, replicas } = withLateBranch(trace, 5, LATE_EDITS)
    const late = ops.slice(trace.ops.length)
    expect(replicas).to.equal(3)
    expect(late).to.have.length(LATE_EDITS)
    expect(late[0]).to.deep.include({ r: 2, seq: 1, vc: [3, 2, 1] })
    expect(late.at(-1)).to.deep.include({ seq: LATE_EDITS, vc: [3, 2, LATE_EDITS] })
  })
})
