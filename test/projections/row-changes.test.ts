import { expect } from 'chai'
import fc from 'fast-check'
import type { Row, Table } from '../../projections/read-model.ts'
import { diffRows } from '../../projections/row-changes.ts'

const table: Table = {
  table: 'things',
  key: ['pipeline_id', 'id'],
  scope: 'pipeline_id',
  columns: { pipeline_id: 'uuid', id: 'uuid', name: 'text', config: 'jsonb' },
}

const row = (id: string, name: string, config: Row[string] = {}): Row => ({
  pipeline_id: 'p',
  id,
  name,
  config,
})

const rows = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    name: fc.constantFrom('x', 'y'),
    deep: fc.constantFrom(1, 2),
  }),
  { selector: ({ id }) => id },
)

describe('the changes from rows to other rows', () => {
  it('are none where all rows are the same or read the same', () => {
    const kept = row('a', 'x')
    expect(diffRows(table, [kept], [kept])).to.equal(null)
    expect(
      diffRows(table, [row('b', 'x', { k: 1, l: [2] })], [row('b', 'x', { l: [2], k: 1 })]),
    ).to.equal(null)
  })

  it('tell new, changed and missing rows apart', () => {
    const [before, after] = [
      [row('a', 'x'), row('b', 'x'), row('c', 'x')],
      [row('b', 'y'), row('c', 'x'), row('d', 'x')],
    ]
    expect(diffRows(table, before, after)).to.deep.equal({
      table,
      inserted: [row('d', 'x')],
      updated: [row('b', 'y')],
      deleted: [row('a', 'x')],
    })
  })

  it('lead from any rows to any others', () =>
    fc.assert(
      fc.property(rows, rows, (before, after) => {
        const made = (of: typeof before) => of.map(({ id, name, deep }) => row(id, name, { deep }))
        const held = new Map(made(before).map((row) => [row['id'], row]))
        const changes = diffRows(table, [...held.values()], made(after))
        for (const { id } of changes?.deleted ?? []) expect(held.delete(id)).to.equal(true)
        for (const row of changes?.updated ?? []) {
          expect(held.has(row['id'])).to.equal(true)
          held.set(row['id'], row)
        }
        for (const row of changes?.inserted ?? []) {
          expect(held.has(row['id'])).to.equal(false)
          held.set(row['id'], row)
        }
        expect([...held.values()]).to.have.deep.members(made(after))
      }),
    ))
})
