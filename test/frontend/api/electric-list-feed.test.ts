import { expect } from 'chai'
import { listedPipeline } from '../../../frontend/api/electric-list-feed.ts'

describe('a row of the shape of pipelines', () => {
  it('is read as the list shows it', () => {
    expect(
      listedPipeline({
        id: 'a',
        team_id: 't',
        name: 'Order intake',
        status: 'archived',
        updated_at: '2026-11-12 14:06:00.123+00',
        updated_by: 'ada',
        step_count: 8,
        conflict_count: 2n,
      }),
    ).to.deep.equal({
      id: 'a',
      teamId: 't',
      name: 'Order intake',
      status: 'archived',
      updatedAt: Date.UTC(2026, 10, 12, 14, 6, 0, 123),
      updatedBy: 'ada',
      steps: 8,
      conflicts: 2,
    })
  })

  for (const text of [
    '2026-11-12 15:06:00+01',
    '2026-11-12 15:06:00+01:00',
    '2026-11-12T14:06:00Z',
  ]) {
    it(`reads the time ${text}`, () =>
      expect(listedPipeline({ updated_at: text }).updatedAt).to.equal(
        Date.UTC(2026, 10, 12, 14, 6),
      ))
  }

  it('puts a row without a time last, and has no author for one without', () => {
    const { updatedAt, updatedBy, status } = listedPipeline({ id: 'a', updated_by: null })
    expect([updatedAt, updatedBy, status]).to.deep.equal([0, null, 'active'])
  })
})
