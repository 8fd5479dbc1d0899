import { expect } from 'chai'
import { createMemoryShapeStorage } from '../../../backend/shapes/memory-shape-storage.ts'
import { END_OF_SNAPSHOT } from '../../../backend/shapes/offset.ts'
import { parsePgSnapshot } from '../../../backend/shapes/pg-snapshot.ts'
import type { ShapeDefinition } from '../../../backend/shapes/shape-definition.ts'
import { createShapeFanOut } from '../../../backend/shapes/shape-fan-out.ts'
import { Shape } from '../../../backend/shapes/shape.ts'
import { checkWhere } from '../../../backend/shapes/where/check-where.ts'
import { parseWhere } from '../../../backend/shapes/where/parse-where.ts'
import type { FeedChange, RowImage } from '../../../projections/postgres/change-feed.ts'

const table = {
  oid: 7,
  schema: 'public',
  name: 'tasks',
  key: ['id'],
  columns: ['id', 'team_id', 'name', 'rank'].map((name) => ({
    name,
    type: name === 'rank' ? 'int4' : 'text',
    dimensions: 0,
    isNotNull: true,
  })),
}

const row = (id: string, name: string, rank: number, team_id = 'red'): RowImage => ({
  id,
  team_id,
  name,
  rank: String(rank),
})

interface Write {
  readonly old?: RowImage
  readonly new?: RowImage
  readonly xid?: number
  readonly isLast?: boolean
  readonly op?: number
}

function change(commit: number, write: Write): FeedChange {
  const {
    old: oldRow = null,
    new: newRow = null,
    xid = 1_000 + commit,
    isLast = true,
    op = 1,
  } = write
  return {
    ...{ commit, op, isLast, oldRow, newRow },
    xid: String(xid),
    relation: table.oid,
    schema: 'public',
    table: 'tasks',
    operation: !oldRow ? 'insert' : !newRow ? 'delete' : 'update',
    key: [(newRow ?? oldRow)!['id']!],
  }
}

function shapeWith(definition: Partial<ShapeDefinition> = {}, maxLogBytes = 10_000) {
  const shape = new Shape({
    definition: {
      table,
      columns: ['id', 'name'],
      where: checkWhere(parseWhere('rank > 5'), {
        columns: new Map(table.columns.map(({ name, type }) => [name, type])),
        params: [],
      }),
      replica: 'default',
      log: 'full',
      ...definition,
    },
    teamIds: new Set(['red', 'blue']),
    storage: createMemoryShapeStorage(1_000_000),
    maxLogBytes,
  })
  const errors: unknown[] = []
  const fanOut = createShapeFanOut((error) => errors.push(error), 0)
  fanOut.add(shape)
  return { shape, fanOut, errors }
}

const everythingBefore = (xid: number) => parsePgSnapshot(`${xid}:${xid}:`)

async function messagesOf(shape: Shape) {
  const { messages } = await shape.log.readAfter(END_OF_SNAPSHOT)
  return JSON.parse(`[${messages}]`) as {
    key: string
    value: object
    old_value?: object
    headers: Record<string, unknown>
  }[]
}

const briefly = async (shape: Shape) =>
  (await messagesOf(shape)).map(({ key, value, headers }) => [headers['operation'], key, value])

describe('the log of a shape', () => {
  it('shows rows coming in and going out, whatever moved them', async () => {
    const { shape, fanOut } = shapeWith()
    shape.begin(everythingBefore(1))
    fanOut.dispatch([
      change(1, { new: row('1', 'low', 1) }),
      change(2, { old: row('1', 'low', 1), new: row('1', 'low', 6) }),
      change(3, { old: row('1', 'low', 6), new: row('1', 'high', 7) }),
      change(4, { old: row('1', 'high', 7), new: row('1', 'high', 8) }),
      change(5, { old: row('1', 'high', 8), new: row('1', 'high', 8, 'green') }),
      change(6, { old: row('1', 'high', 8, 'green'), new: row('1', 'high', 8, 'blue') }),
      change(7, { old: row('1', 'high', 8, 'blue') }),
    ])
    const key = '"public"."tasks"/"1"'
    expect(await briefly(shape)).to.deep.equal([
      ['insert', key, { id: '1', name: 'low' }],
      ['update', key, { id: '1', name: 'high' }],
      ['delete', key, { id: '1' }],
      ['insert', key, { id: '1', name: 'high' }],
      ['delete', key, { id: '1' }],
    ])
  })

  it('says of each change where it is, and of the last of a commit that it is', async () => {
    const { shape, fanOut } = shapeWith()
    shape.begin(everythingBefore(1))
    const xid = 2 ** 32 + 5
    fanOut.dispatch([
      change(3, { new: row('1', 'a', 9), xid, op: 1, isLast: false }),
      change(3, { new: row('2', 'b', 9), xid, op: 2, isLast: false }),
    ])
    expect(await messagesOf(shape), 'half a commit').to.deep.equal([])
    fanOut.dispatch([change(3, { new: row('3', 'c', 1), xid, op: 3 })])
    const shared = { operation: 'insert', relation: ['public', 'tasks'], txids: [5], lsn: '3' }
    expect((await messagesOf(shape)).map(({ headers }) => headers)).to.deep.equal([
      { ...shared, op_position: 1 },
      { ...shared, op_position: 2, last: true },
    ])
    expect(shape.log.lastOffset).to.deep.equal({ commit: 3, op: 2 })
    expect(fanOut.completed).to.equal(3)
  })

  it('carries whole rows and what was there before where that is asked for', async () => {
    const { shape, fanOut } = shapeWith({ replica: 'full' })
    shape.begin(everythingBefore(1))
    fanOut.dispatch([
      change(1, { old: row('1', 'a', 8), new: row('1', 'b', 9) }),
      change(2, { old: row('1', 'b', 9) }),
    ])
    const [update, deletion] = await messagesOf(shape)
    expect(update).to.deep.include({ value: { id: '1', name: 'b' }, old_value: { name: 'a' } })
    expect(deletion)
      .to.deep.include({ value: { id: '1', name: 'b' } })
      .not.property('old_value')
  })

  it('doubles slashes and dots in keys', async () => {
    const { shape, fanOut } = shapeWith({ table: { ...table, name: 'ta.s/ks' } })
    fanOut.dispatch([{ ...change(1, { new: row('a/b', 'n', 9) }), table: 'ta.s/ks' }])
    shape.begin(everythingBefore(1))
    expect((await messagesOf(shape))[0]!.key).to.equal('"public"."ta..s//ks"/"a//b"')
  })
})

describe('a snapshot that was taken while transactions were open', () => {
  it('is continued by those commits alone that it does not show', async () => {
    const { shape, fanOut } = shapeWith()
    const write = (commit: number, xid: number) =>
      change(commit, { new: row(`${xid}`, 'n', 9), xid })
    fanOut.dispatch([write(1, 99), write(2, 101), write(3, 100), write(4, 103)])
    expect(await messagesOf(shape)).to.deep.equal([])
    shape.begin(parsePgSnapshot('100:103:100,102'))
    // Also of those that are heard of only now.
    fanOut.dispatch([write(5, 98), write(6, 102)])
    expect((await messagesOf(shape)).map(({ value }) => value)).to.deep.equal([
      { id: '100', name: 'n' },
      { id: '103', name: 'n' },
      { id: '102', name: 'n' },
    ])
  })
})

describe('a shape that cannot be continued', () => {
  function endsWith(dispatched: FeedChange, maxLogBytes?: number): boolean {
    const { shape, fanOut, errors } = shapeWith({}, maxLogBytes)
    shape.begin(everythingBefore(1))
    fanOut.dispatch([dispatched])
    expect(errors).to.deep.equal([])
    return shape.hasEnded
  }
  const insert = change(1, { new: row('1', 'a', 9) })

  it('goes on with an ordinary change', () => {
    expect(endsWith(insert)).to.be.false
  })
  it('ends with a truncated table', () => {
    const truncate = { ...insert, operation: 'truncate' as const, key: null, newRow: null }
    expect(endsWith(truncate)).to.be.true
  })
  it('ends with another table of the same name', () => {
    expect(endsWith({ ...insert, relation: 8 })).to.be.true
  })
  it('ends with a column that was added, dropped or renamed', () => {
    const { rank, ...fewer } = insert.newRow as Record<string, string>
    expect(endsWith({ ...insert, newRow: fewer })).to.be.true
    expect(endsWith({ ...insert, newRow: { ...insert.newRow, more: null } })).to.be.true
    expect(endsWith({ ...insert, newRow: { ...fewer, place: rank! } })).to.be.true
  })
  it('ends with a log that is too large', () => {
    expect(endsWith(insert, 100)).to.be.true
  })
  it('tells those who wait, and takes nothing more', async () => {
    const { shape, fanOut } = shapeWith()
    shape.begin(everythingBefore(1))
    let told = 0
    shape.news.subscribe({ next: () => (told += 1), complete: () => (told += 10) })
    fanOut.restart(5)
    fanOut.dispatch([change(6, { new: row('1', 'a', 9) })])
    expect(told).to.equal(11)
    expect(shape.log.bytes).to.equal(0)
    expect(fanOut.completed).to.equal(6)
  })
})
