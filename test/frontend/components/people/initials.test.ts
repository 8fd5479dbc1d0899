import { expect } from 'chai'
import { initials } from '../../../../frontend/components/people/initials.ts'

describe('the initials of a name', () => {
  for (const [name, letters] of [
    ['Ada Lovelace', 'AL'],
    ['ada', 'A'],
    ['  Ana  Maria  da  Silva ', 'AS'],
    ['', '?'],
    ['🦊 fox', '🦊F'],
  ] as const) {
    it(`are ${letters} for "${name}"`, () => expect(initials(name)).to.equal(letters))
  }
})
