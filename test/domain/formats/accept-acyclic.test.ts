import { expect } from 'chai'
import fc from 'fast-check'
import { acceptAcyclic } from '../../../domain/formats/accept-acyclic.ts'

interface Link {
  readonly from: string
  readonly to: string
}

/** Slow and obviously right: looks for a way back through everything accepted, every time. */
function acceptByLooking(links: readonly Link[]): Link[] {
  const accepted: Link[] = []
  const leads = (from: string, to: string): boolean => {
    const reached = new Set([from])
    for (const step of reached) {
      for (const link of accepted) if (link.from === step) reached.add(link.to)
    }
    return reached.has(to)
  }
  for (const link of links) if (!leads(link.to, link.from)) accepted.push(link)
  return accepted
}

const link = (text: string): Link => ({ from: text[0]!, to: text[1]! })

describe('taking connections in turn', () => {
  it('leaves out the one that closes a cycle, and only that', () => {
    const links = ['ab', 'bc', 'ca', 'cd', 'dd', 'ad'].map(link)
    expect(acceptAcyclic(['a', 'b', 'c', 'd'], links)).to.deep.equal(
      ['ab', 'bc', 'cd', 'ad'].map(link),
    )
  })

  it('takes connections against the order of the steps', () => {
    const links = ['dc', 'cb', 'ba', 'ad'].map(link)
    expect(acceptAcyclic(['a', 'b', 'c', 'd'], links)).to.deep.equal(['dc', 'cb', 'ba'].map(link))
  })

  it('accepts what looking for every way back accepts', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const step = fc.constantFrom(...ids)
    fc.assert(
      fc.property(fc.array(fc.record({ from: step, to: step }), { maxLength: 40 }), (links) => {
        expect(acceptAcyclic(ids, links)).to.deep.equal(acceptByLooking(links))
      }),
      { numRuns: 500 },
    )
  })
})
