import { expect } from 'chai'
import type { PipelineId, TeamId } from '../../../domain/ids.ts'
import type { ListedPipeline } from '../../../frontend/api/list-feed.ts'
import type { LocalPipeline } from '../../../frontend/replica/replica.ts'
import { listRows, searchRows } from '../../../frontend/stores/list-rows.ts'

const listed = (id: string, given: Partial<ListedPipeline> = {}): ListedPipeline => ({
  id,
  teamId: 'team',
  name: `Pipeline ${id}`,
  status: 'active',
  updatedAt: 1000,
  updatedBy: 'ada',
  steps: 3,
  conflicts: 0,
  ...given,
})
const local = (id: string, given: Partial<LocalPipeline> = {}): LocalPipeline => ({
  id: id as PipelineId,
  name: `Copy of ${id}`,
  teamId: 'team' as TeamId,
  pendingGestures: 0,
  unsent: false,
  ...given,
})

describe('the rows of the list', () => {
  it('are each pipeline once, whether it is listed, on this device, or both', () => {
    const rows = listRows([listed('a'), listed('b')], [local('b'), local('c')])
    expect(rows.map(({ id, origin, onDevice }) => [id, origin, onDevice])).to.deep.equal([
      ['a', 'server', false],
      ['b', 'server', true],
      ['c', 'device', true],
    ])
  })

  it('have the server’s name, until this device has something to send', () => {
    const names = (pendingGestures: number) =>
      listRows([listed('a')], [local('a', { pendingGestures })]).map(({ name }) => name)
    expect(names(0)).to.deep.equal(['Pipeline a'])
    expect(names(2)).to.deep.equal(['Copy of a'])
  })

  it('keep the server’s name where the copy has none yet', () => {
    const [row] = listRows([listed('a')], [local('a', { name: '', pendingGestures: 1 })])
    expect([row?.name, row?.pending]).to.deep.equal(['Pipeline a', 1])
  })

  it('begin with what is unsent, then follow the last change', () => {
    const rows = listRows(
      [listed('old', { updatedAt: 1 }), listed('new', { updatedAt: 9 })],
      [local('kept'), local('mine', { unsent: true, pendingGestures: 1 })],
    )
    expect(rows.map(({ id }) => id)).to.deep.equal(['mine', 'new', 'old', 'kept'])
    expect(rows[0]).to.deep.include({ origin: 'unsent', updatedAt: null, steps: null })
  })

  it('are found by every word of a search, in any case', () => {
    const rows = listRows(
      [listed('a', { name: 'Order intake' }), listed('b', { name: 'Orders' })],
      [],
    )
    const found = (search: string) => searchRows(rows, search).map(({ id }) => id)
    expect(found('order')).to.have.members(['a', 'b'])
    expect(found(' INTAKE order ')).to.deep.equal(['a'])
    expect(found('invoice')).to.deep.equal([])
    expect(searchRows(rows, ' ')).to.equal(rows)
  })
})
