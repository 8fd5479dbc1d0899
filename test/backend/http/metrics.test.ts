import { expect } from 'chai'
import { createMetrics } from '../../../backend/http/metrics.ts'

describe('the metrics', () => {
  it('are written in the text format of Prometheus', async () => {
    const metrics = createMetrics()
    const requests = metrics.counter('requests_total', 'Requests.')
    requests.add(1, { route: '/a', status: '200' })
    requests.add(2, { route: '/a', status: '200' })
    requests.add(1, { route: 'a "b"\\c\n' })
    metrics.gauge('open', 'Open things.', () => 3)
    expect(await metrics.text()).to.equal(
      [
        '# HELP requests_total Requests.',
        '# TYPE requests_total counter',
        'requests_total{route="/a",status="200"} 3',
        'requests_total{route="a \\"b\\"\\\\c\\n"} 1',
        '# HELP open Open things.',
        '# TYPE open gauge',
        'open 3',
        '',
      ].join('\n'),
    )
  })

  it('give the same counter for the same name', async () => {
    const metrics = createMetrics()
    metrics.counter('n', 'N.').add(1)
    metrics.counter('n', 'N.').add(1)
    expect(await metrics.text()).to.match(/^n 2$/m)
  })

  it('leave out a gauge that cannot be read', async () => {
    const metrics = createMetrics()
    metrics.gauge('gone', 'Gone.', () => Promise.reject(new Error('no')))
    metrics.gauge('none', 'None.', () => null)
    metrics.gauge('here', 'Here.', async () => 1)
    const lines = (await metrics.text()).split('\n').filter((line) => !line.startsWith('#'))
    expect(lines).to.deep.equal(['here 1', ''])
  })
})
