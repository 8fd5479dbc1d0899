import { expect } from 'chai'
import { KIND_GROUPS } from '../../../../frontend/catalogue/step-kinds.ts'
import { searchKinds } from '../../../../frontend/components/palette/palette-search.ts'

const titles = (search: string) =>
  searchKinds(KIND_GROUPS, search).flatMap(({ kinds }) => kinds.map(({ title }) => title))

describe('searching the palette', () => {
  it('shows the groups as they are while nothing is searched', () => {
    expect(searchKinds(KIND_GROUPS, '  ')).to.equal(KIND_GROUPS)
  })
  it('finds by title, description and id, in any case', () => {
    expect(titles('HTTP')).to.include('HTTP request')
    expect(titles('call an api')).to.include('HTTP request')
  })
  it('puts first what starts with the words, so that Enter adds it', () => {
    for (const { title } of KIND_GROUPS.flatMap(({ kinds }) => kinds)) {
      expect(titles(title)[0], title).to.equal(title)
    }
  })
  it('finds nothing for what there is not', () => {
    expect(searchKinds(KIND_GROUPS, 'no such step')).to.deep.equal([])
  })
})
