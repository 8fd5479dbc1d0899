import { expect } from 'chai'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import { refusedTitle } from '../../../frontend/words/refused-title.ts'

describe('a refused edit', () => {
  const event = (type: string, payload: object) => ({ type, payload }) as PipelineEvent
  it('is named from its own content', () => {
    expect(refusedTitle(event('StepConfigured', { key: 'maxRetries', value: 3 }))).to.equal(
      'Step configured: Max retries 3',
    )
    expect(refusedTitle(event('StepAdded', { name: 'Fetch' }))).to.equal('Step added: Fetch')
    expect(refusedTitle(event('StepMoved', {}))).to.equal('Step moved')
  })
})
