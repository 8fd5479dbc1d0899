import { expect } from 'chai'
import { oneAtATime } from '../../../frontend/stores/one-at-a-time.ts'

describe('an action that is asked for often', () => {
  let runs: (() => void)[]
  let most: number
  let ask: () => Promise<void>

  beforeEach(() => {
    runs = []
    most = 0
    let running = 0
    ask = oneAtATime(async () => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => runs.push(resolve))
      running -= 1
    })
  })

  it('runs once more after the last ask, and never twice at once', async () => {
    const asked = [ask(), ask(), ask()]
    expect(runs).to.have.length(1)
    void ask()
    runs[0]!()
    await new Promise(setImmediate)
    expect(runs).to.have.length(2)
    runs[1]!()
    await Promise.all(asked)
    expect([runs.length, most]).to.deep.equal([2, 1])
  })

  it('runs again when it is asked again later', async () => {
    const first = ask()
    runs[0]!()
    await first
    const second = ask()
    expect(runs).to.have.length(2)
    runs[1]!()
    await second
  })
})
