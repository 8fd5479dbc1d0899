import { expect } from 'chai'
import { importPipeline } from '../../../backend/http/import-pipeline.ts'
import { seededIds } from '../../../backend/http/seeded-ids.ts'
import { createPipelineDirectory } from '../../../backend/pipelines/pipeline-directory.ts'
import { createAdmission } from '../../../backend/sync/admission.ts'
import { isUuid, pipelineStream, type ActorId, type TeamId } from '../../../domain/ids.ts'
import { createMemoryLog } from '../../../domain/log/memory-log.ts'
import type { PushAnswer } from '../../../domain/protocol/messages.ts'
import { namedUuid } from '../../support/events.ts'

const origin = { seed: namedUuid('seed'), startedAt: Date.now() }
const ada = namedUuid('ada') as ActorId
const nodes = Array.from({ length: 300 }, (_, index) => ({
  name: `Step ${index}`,
  type: 'n8n-nodes-base.set',
  position: [index, index],
}))
const request = {
  teamId: namedUuid('team') as TeamId,
  content: JSON.stringify({ nodes, connections: {} }),
}

describe('an import that is cut off in the middle', () => {
  it('is finished by the same request, with the same events', async () => {
    const log = createMemoryLog({ now: Date.now })
    const directory = createPipelineDirectory(log)
    const roleOf = async () => 'editor' as const
    const admission = createAdmission({
      ...{ log, directory, roleOf, now: Date.now },
      ownerOf: async () => null,
    })
    const sizes: number[] = []
    let allowed = 2
    const shaky: typeof admission.push = async (push) => {
      sizes.push(push.events.length)
      if (allowed-- > 0) return admission.push(push)
      const vector = {}
      return {
        ...{ ok: false, at: 0, code: 'unavailable', message: 'The log is away.' },
        ...{ accepted: 0, duplicates: 0, head: 0, vector },
      } as PushAnswer
    }
    const cut = await importPipeline(request, ada, origin, shaky)
    expect(cut).to.deep.include({ ok: false })
    expect(sizes).to.deep.equal([100, 100, 100])

    const done = await importPipeline(request, ada, origin, (push) => admission.push(push))
    if (!done.ok) throw new Error('the second try failed')
    const stored = await log.readStream(pipelineStream(done.pipelineId), { limit: 1_000 })
    expect(stored).to.have.length(301)
    const other = await importPipeline(
      request,
      ada,
      { ...origin, seed: namedUuid('another') },
      (push) => admission.push(push),
    )
    expect(other.ok && other.pipelineId).not.to.equal(done.pipelineId)
  })
})

describe('seeded ids', () => {
  it('are uuids of version 7, in order, all different, and the same for the same seed', () => {
    const [one, again] = [seededIds(origin), seededIds(origin)]
    const ids = Array.from({ length: 1_000 }, () => one.next())
    expect(ids).to.deep.equal(Array.from({ length: 1_000 }, () => again.next()))
    expect(one.replicaId)
      .to.equal(again.replicaId)
      .and.to.match(/^[a-z0-9]{12}$/)
    expect(new Set(ids).size).to.equal(1_000)
    expect([...ids].sort()).to.deep.equal(ids)
    expect(ids.every((id) => isUuid(id) && id[14] === '7')).to.equal(true)
    expect(seededIds({ ...origin, seed: 'another' }).next()).not.to.equal(ids[0])
  })
})
