import { expect } from 'chai'
import type { TeamId } from '../../../domain/ids.ts'
import { useDevice } from '../../../frontend/stores/device.ts'
import { ADA, BRUNO, startTestApp, type TestApp } from '../../support/test-app.ts'

describe('the copy on this device', () => {
  let app: TestApp
  const replicaOf = ({ user }: typeof ADA) => app.replicas.get(user.id)

  beforeEach(() => {
    app = startTestApp()
  })

  it('is opened once, however often it is asked for', async () => {
    const device = useDevice()
    await Promise.all([device.start(ADA.user.id), device.start(ADA.user.id)])
    expect(app.replicas.size).to.equal(1)
    expect(device.status?.connection).to.equal('connected')
  })

  it('is closed before another person’s is opened', async () => {
    const device = useDevice()
    await device.start(ADA.user.id)
    await device.start(BRUNO.user.id)
    expect(replicaOf(ADA)?.stopped).to.equal(true)
    expect(device.replica).to.equal(replicaOf(BRUNO))
    replicaOf(ADA)?.setStatus({ connection: 'offline' })
    expect(device.status?.connection).to.equal('connected')
  })

  it('is not shown where the person has changed while it was opening', async () => {
    const device = useDevice()
    const first = device.start(ADA.user.id)
    await device.start(BRUNO.user.id)
    await first
    expect(device.replica).to.equal(replicaOf(BRUNO))
    expect(replicaOf(ADA)?.stopped).to.equal(true)
  })

  it('counts the gestures that wait', async () => {
    const device = useDevice()
    await device.start(ADA.user.id)
    const replica = replicaOf(ADA)!
    replica.setStatus({ connection: 'offline' })
    await replica.create('Order intake', ADA.teams[0]!.id as TeamId)
    expect(device.pending).to.equal(1)
    replica.setStatus({ connection: 'connected' })
    expect(device.pending).to.equal(0)
  })

  it('shows refused edits until they are dismissed', async () => {
    const device = useDevice()
    await device.start(ADA.user.id)
    const replica = replicaOf(ADA)!
    const pipeline = replica.open(await replica.create('Order intake', ADA.teams[0]!.id as TeamId))
    const [event] = pipeline.events
    replica.refused = [{ event: event!, code: 'archived', message: 'Too late.', at: 0 }]
    replica.changed()
    await Promise.resolve()
    expect(device.refused.map(({ code }) => code)).to.deep.equal(['archived'])
    await device.dismiss(device.refused)
    expect(device.refused).to.deep.equal([])
  })

  it('says that it could not be opened, and can be tried again', async () => {
    const device = useDevice()
    const error = new Error('blocked by another tab')
    app.failNextOpen(error)
    await device.start(ADA.user.id)
    expect([device.failure, device.replica]).to.deep.equal([error, null])
    await device.start(ADA.user.id)
    expect(device.failure).to.equal(null)
    expect(device.replica).to.equal(replicaOf(ADA))
  })
})
