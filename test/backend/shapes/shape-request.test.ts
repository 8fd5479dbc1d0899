import { expect } from 'chai'
import { InvalidRequest, readShapeRequest } from '../../../backend/shapes/shape-request.ts'

const read = (query: string) => readShapeRequest(new URLSearchParams(query))

function errorsOf(query: string) {
  try {
    read(query)
  } catch (error) {
    if (error instanceof InvalidRequest) return error.errors
    throw error
  }
  return 'accepted'
}

describe('the query of a shape request', () => {
  it('is read with the usual values for what it does not say', () => {
    expect(read('table=pipelines&offset=-1')).to.deep.equal({
      schema: 'public',
      table: 'pipelines',
      offset: 'start',
      offsetText: '-1',
      handle: null,
      isLive: false,
      cursor: 0,
      columns: null,
      where: null,
      params: [],
      replica: 'default',
      log: 'full',
    })
  })

  it('takes names quoted and plain', () => {
    const { schema, table, columns } = read(
      'offset=-1&table=PUBLIC."A.b"&columns="id","has,comma","has""quote",PLAIN',
    )
    expect([schema, table]).to.deep.equal(['public', 'A.b'])
    expect(columns).to.deep.equal(['id', 'has,comma', 'has"quote', 'plain'])
  })

  it('ignores a handle that is sent with a beginning', () => {
    expect(read('table=t&offset=-1&handle=x').handle).to.equal(null)
    expect(read('table=t&offset=0_0&handle=x').handle).to.equal('x')
  })

  it('reads live as set by its mere presence', () => {
    const live = (value: string) => read(`table=t&offset=0_0&handle=x${value}`).isLive
    expect(live('&live')).to.equal(true)
    expect(live('&live=true')).to.equal(true)
    expect(live('&live=false')).to.equal(false)
  })

  it('reads offsets, and one that knows a commit alone as the end of that commit', () => {
    const offset = (text: string) => read(`table=t&handle=x&offset=${text}`).offset
    expect(offset('0_3')).to.deep.equal({ commit: 0, op: 3 })
    expect(offset('0_inf')).to.deep.equal({ commit: 0, op: Infinity })
    expect(offset('12_3')).to.deep.equal({ commit: 12, op: 3 })
    expect(offset('12_0')).to.deep.equal({ commit: 12, op: Infinity })
  })

  it('ignores what it does not know', () => {
    const odd = 'expired_handle=a&cache-buster=b&secret=c&experimental_compaction=true&x=1&x=2'
    expect(read(`table=t&offset=-1&${odd}`)).to.deep.equal(read('table=t&offset=-1'))
  })

  const refused: [query: string, errors: Record<string, string[]>][] = [
    ['offset=-1', { table: ["can't be blank"] }],
    [
      'table=a.b.c&offset=-1',
      { table: ['must be a name, such as pipelines or "public"."pipelines"'] },
    ],
    ['table=t', { offset: ["can't be blank"] }],
    ['table=t&offset=1', { offset: ['has invalid format'] }],
    ['table=t&offset=-2', { offset: ['has invalid format'] }],
    ['table=t&offset=0_0', { handle: ["can't be blank when offset != -1"] }],
    ['table=t&offset=-1&live=true', { live: ["can't be true when offset == -1"] }],
    ['table=t&offset=now&live=true', { live: ["can't be true when offset == now"] }],
    [
      'table=t&offset=0_0&handle=x&live=true&live_sse=true',
      { live_sse: ['is not offered by this server: leave it out to follow by long polling'] },
    ],
    ['table=t&offset=-1&replica=half', { replica: ['must be default or full'] }],
    ['table=t&offset=-1&log=none', { log: ['must be full or changes_only'] }],
    ['table=t&table=u&offset=-1', { table: ['is given more than once', "can't be blank"] }],
    [
      'table=t&offset=-1&columns=a b',
      { columns: ['must be names between commas, such as "id","name"'] },
    ],
    ['table=t&offset=-1&params[2]=a', { params: ['must be numbered from 1 without gaps'] }],
    [
      'table=t&offset=-1&params[x]=a',
      { params: ['must be params[1], params[2] and so on, each once'] },
    ],
    [
      'table=t&offset=-1&subset__limit=1',
      {
        subset__limit: [
          'is not offered by this server: follow a shape with a narrower where instead',
        ],
      },
    ],
    ['', { table: ["can't be blank"], offset: ["can't be blank"] }],
  ]
  for (const [query, errors] of refused) {
    it(`is refused with a sentence for each parameter: ${query || 'nothing'}`, () => {
      expect(errorsOf(query)).to.deep.equal(errors)
    })
  }
})
