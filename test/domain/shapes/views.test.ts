import { expect } from 'chai'
import type { PipelineId, TeamId } from '../../../domain/ids.ts'
import { dashboardView, listView, workspaceView } from '../../../domain/shapes/views.ts'
import { readModels } from '../../../projections/read-models.ts'

const NOW = Date.parse('2026-11-23T17:30:00Z')
const workspace = workspaceView('p' as PipelineId, 't' as TeamId, NOW)

describe('the views', () => {
  it('follow read models that there are, by columns that they have, their keys among them', () => {
    for (const { table, columns } of [...listView(), ...dashboardView(NOW), ...workspace]) {
      const model = readModels.find((one) => one.table === table)
      expect(Object.keys(model?.columns ?? {}), table).to.include.members([...columns])
      expect(columns, table).to.include.members([...model!.key])
      expect(new Set(columns).size, table).to.equal(columns.length)
    }
  })

  it('show the twenty newest pipelines of seven days on the dashboard', () => {
    const [shape, ...others] = dashboardView(NOW)
    expect(others).to.deep.equal([])
    expect(shape).to.deep.include({
      params: { 1: '2026-11-16T00:00:00.000Z' },
      newest: { by: 'updated_at', count: 20 },
    })
  })

  it('show the ten newest versions of thirty days in the workspace', () => {
    const versions = workspace.find(({ table }) => table === 'pipeline_versions')
    expect(versions).to.deep.include({
      params: { 1: 'p', 2: '2026-10-24T00:00:00.000Z' },
      newest: { by: 'created_at', count: 10 },
    })
  })

  it('are the same shape all day, for everybody', () => {
    expect(dashboardView(NOW)).to.deep.equal(dashboardView(NOW + 3_600_000))
  })
})
