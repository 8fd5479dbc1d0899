import { expect } from 'chai'
import type { Params, ShapeAnswer, ShapeAsk, ShapeTestServer } from './shape-test-server.ts'

export type TextRow = Record<string, string | null>

interface Message {
  readonly key?: string
  readonly value?: TextRow
  readonly headers: {
    readonly operation?: 'insert' | 'update' | 'delete'
    readonly control?: string
    readonly global_last_seen_lsn?: string
  }
}

/**
 * A client that believes nothing: it fails where a message does not continue what it has, such as an
 * insert of a row that is there or an update of one that is not.
 */
export class FollowedShape {
  readonly rows = new Map<string, TextRow>()
  offset = '-1'
  handle: string | null = null
  refetches = 0
  lastSeen = 0
  private readonly server: ShapeTestServer
  private readonly params: Params
  private readonly ask: ShapeAsk

  constructor(server: ShapeTestServer, params: Params, ask: ShapeAsk = {}) {
    this.server = server
    this.params = params
    this.ask = ask
  }

  /** Fetches until it is up to date, starting again where it is told to. */
  async catchUp(): Promise<this> {
    while (!(await this.fetch({})).headers.has('electric-up-to-date'));
    return this
  }

  /** Waits for news until something has come. */
  async nextNews(): Promise<this> {
    const answer = await this.fetch({ live: 'true' })
    expect(answer.headers.get('electric-has-data')).to.equal('true')
    return this
  }

  async fetch(more: Params): Promise<ShapeAnswer> {
    const place = { offset: this.offset, ...(this.handle !== null && { handle: this.handle }) }
    const answer = await this.server.ask({ ...this.params, ...place, ...more }, this.ask)
    if (answer.status === 409) {
      expect(answer.body).to.deep.equal([{ headers: { control: 'must-refetch' } }])
      expect(answer.headers.get('electric-handle')).to.be.a('string').not.equal(this.handle)
      this.refetches += 1
      this.offset = '-1'
      this.rows.clear()
      return answer
    }
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200)
    this.handle = answer.headers.get('electric-handle')
    this.offset = answer.headers.get('electric-offset')!
    for (const message of answer.body as Message[]) this.apply(message)
    return answer
  }

  private apply({ key, value, headers }: Message): void {
    if (headers.control !== undefined) {
      const seen = Number(headers.global_last_seen_lsn ?? this.lastSeen)
      expect(seen).to.be.at.least(this.lastSeen)
      this.lastSeen = seen
      return
    }
    const { operation } = headers
    const known = this.rows.get(key!)
    const what = `${operation} of ${key}`
    if (operation === 'insert') expect(known, what).to.equal(undefined)
    else expect(known, what).not.to.equal(undefined)
    if (operation === 'delete') this.rows.delete(key!)
    else this.rows.set(key!, { ...known, ...value! })
  }
}
