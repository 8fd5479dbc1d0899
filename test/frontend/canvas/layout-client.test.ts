import { expect } from 'chai'
import sinon from 'sinon'
import { LayoutError, layoutSteps } from '../../../frontend/canvas/layout-client.ts'
import type { LayoutAnswer } from '../../../frontend/canvas/layout.worker.ts'
import { step } from './canvas-view.ts'

class FakeWorker {
  static last: FakeWorker
  onmessage: ((event: { data: LayoutAnswer }) => void) | null = null
  onerror: ((event: { message: string }) => void) | null = null
  onmessageerror: (() => void) | null = null
  asked: unknown = null
  ended = false

  constructor() {
    FakeWorker.last = this
  }
  postMessage(request: unknown) {
    this.asked = request
  }
  terminate() {
    this.ended = true
  }
}

describe('a layout that was asked for', () => {
  let clock: sinon.SinonFakeTimers
  const before = globalThis.Worker

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    globalThis.Worker = FakeWorker as unknown as typeof Worker
  })
  afterEach(() => {
    clock.restore()
    globalThis.Worker = before
  })

  const ask = (signal?: AbortSignal) => layoutSteps([step('a', 1, 2)], [], signal)
  const refusal = (asked: Promise<unknown>) =>
    asked.then(
      () => null,
      (error: unknown) => error as LayoutError,
    )

  it('answers with the placements, and ends its worker', async () => {
    const asked = ask()
    expect(FakeWorker.last.asked).to.deep.equal({
      steps: [{ id: 'a', placement: { x: 1, y: 2 }, height: 58 }],
      connections: [],
    })
    const placements = new Map([['a', { x: 10, y: 20 }]])
    FakeWorker.last.onmessage!({ data: { ok: true, placements } })
    expect([...(await asked)]).to.deep.equal([...placements])
    expect(FakeWorker.last.ended).to.equal(true)
    expect(clock.countTimers()).to.equal(0)
  })

  it('fails with a code and a sentence when the layout does', async () => {
    const failing = refusal(ask())
    FakeWorker.last.onmessage!({ data: { ok: false, message: 'rank' } })
    const error = await failing
    expect(error).to.be.instanceOf(LayoutError)
    expect(error!.code).to.equal('layout-failed')
    expect(error!.message).to.match(/nothing was moved/)
    expect(error!.cause).to.equal('rank')
    expect(FakeWorker.last.ended).to.equal(true)
  })

  it('fails when the worker cannot start', async () => {
    const failing = refusal(ask())
    FakeWorker.last.onerror!({ message: 'no such file' })
    expect((await failing)!.code).to.equal('layout-failed')
  })

  it('is given up when it takes too long', async () => {
    const failing = refusal(ask())
    clock.tick(30_000)
    expect((await failing)!.code).to.equal('layout-timeout')
    expect(FakeWorker.last.ended).to.equal(true)
  })

  it('can be stopped, also before it has begun', async () => {
    const stop = new AbortController()
    const failing = refusal(ask(stop.signal))
    stop.abort()
    expect((await failing)!.code).to.equal('layout-stopped')
    expect(FakeWorker.last.ended).to.equal(true)
    expect((await refusal(ask(stop.signal)))!.code).to.equal('layout-stopped')
  })
})
