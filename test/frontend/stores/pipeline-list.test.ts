import { expect } from 'chai'
import type { TeamId } from '../../../domain/ids.ts'
import type { ListedPipeline } from '../../../frontend/api/list-feed.ts'
import { useDevice } from '../../../frontend/stores/device.ts'
import { usePipelineList } from '../../../frontend/stores/pipeline-list.ts'
import { ADA, startTestApp, type TestApp } from '../../support/test-app.ts'

const ROW: ListedPipeline = {
  id: 'a',
  teamId: 'team',
  name: 'Order intake',
  status: 'active',
  updatedAt: 1000,
  updatedBy: null,
  steps: 3,
  conflicts: 1,
}

describe('the list of pipelines', () => {
  let app: TestApp

  beforeEach(async () => {
    app = startTestApp()
    await useDevice().start(ADA.user.id)
  })

  it('knows nothing before the server answers', () => {
    const list = usePipelineList()
    list.follow()
    expect([list.known, list.live, list.rows]).to.deep.equal([false, null, []])
  })

  it('follows the server', () => {
    const list = usePipelineList()
    list.follow()
    app.showList([ROW])
    expect(list.rows.map(({ name }) => name)).to.deep.equal(['Order intake'])
    app.showList([{ ...ROW, name: 'Orders' }])
    expect(list.rows.map(({ name }) => name)).to.deep.equal(['Orders'])
    expect([list.known, list.live]).to.deep.equal([true, true])
  })

  it('shows the list of the last visit while the server cannot be reached', () => {
    const list = usePipelineList()
    const stop = list.follow()
    app.showList([ROW])
    stop()
    list.follow()
    for (const { onLive } of app.followers) onLive(false)
    expect(list.rows.map(({ id }) => id)).to.deep.equal(['a'])
    expect([list.known, list.live]).to.deep.equal([true, false])
  })

  it('is kept for each person apart', () => {
    const list = usePipelineList()
    list.follow()
    app.showList([ROW])
    expect([...app.storage.items.keys()]).to.include(`tributary.list.${ADA.user.id}`)
  })

  it('has what was made on this device at once', async () => {
    const list = usePipelineList()
    list.follow()
    const replica = app.replicas.get(ADA.user.id)!
    replica.setStatus({ connection: 'offline' })
    await replica.create('New here', ADA.teams[0]!.id as TeamId)
    await list.readLocal()
    expect(list.rows).to.have.length(1)
    expect(list.rows[0]).to.include({ name: 'New here', origin: 'unsent', pending: 1 })
  })

  it('stops following when it is left', () => {
    const stop = usePipelineList().follow()
    expect(app.followers.size).to.equal(1)
    stop()
    expect(app.followers.size).to.equal(0)
  })
})
