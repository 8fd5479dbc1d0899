import { expect } from 'chai'
import { createClosingOrder } from '../../../backend/composition/closing-order.ts'

describe('what was started', () => {
  const never = () => new Promise<void>(() => undefined)

  it('is ended in the reverse order, one after the other', async () => {
    const ended: string[] = []
    const order = createClosingOrder({ totalMs: 5_000, eachMs: 5_000 }, () => undefined)
    for (const name of ['database', 'log', 'doors']) {
      order.add(name, async () => {
        await new Promise((resolve) => setTimeout(resolve, 1))
        ended.push(name)
      })
    }
    await order.closeAll()
    expect(ended).to.deep.equal(['doors', 'log', 'database'])
    await order.closeAll()
    expect(ended).to.have.length(3)
  })

  it('is left behind, and told, where it fails or does not end; the rest is ended', async () => {
    const ended: string[] = []
    const failed: string[] = []
    const order = createClosingOrder({ totalMs: 60_000, eachMs: 10 }, (name) => failed.push(name))
    order.add('database', () => void ended.push('database'))
    order.add('stuck', never)
    order.add('broken', () => {
      throw new Error('broken')
    })
    await order.closeAll()
    expect(ended).to.deep.equal(['database'])
    expect(failed).to.deep.equal(['broken', 'stuck'])
  })

  it('has what is left of the whole time for the first that was started', async () => {
    const failed: string[] = []
    const order = createClosingOrder({ totalMs: 30, eachMs: 10 }, (name) => failed.push(name))
    order.add('database', never)
    await order.closeAll()
    expect(failed).to.deep.equal(['database'])
  })
})
