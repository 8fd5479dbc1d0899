import { expect } from 'chai'
import type { PipelineId, Revision } from '../../../domain/ids.ts'
import { ApiError } from '../../../frontend/api/api-error.ts'
import { createPipelineApi } from '../../../frontend/api/pipeline-api.ts'
import { Disconnected } from '../../../frontend/replica/transport.ts'
import { namedUuid } from '../../support/events.ts'

const ID = namedUuid('pipeline') as PipelineId

/** An API over a server that answers each path as given. */
function apiOver(answer: (path: string) => unknown) {
  const paths: string[] = []
  const api = createPipelineApi({
    async send(method, path) {
      paths.push(`${method} ${path}`)
      return answer(path)
    },
  })
  return { api, paths }
}

const refuse = (code: string, status: number | null) => () => {
  throw new ApiError(code, 'No.', status)
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  )
}

describe('what a copy asks the server', () => {
  it('is the snapshot of a pipeline', async () => {
    const state = { fold: 1 }
    const { api, paths } = apiOver(() => ({ state, revision: 7, hash: 'h', vector: {} }))
    expect(await api.snapshot(ID)).to.deep.equal({ state, revision: 7, hash: 'h' })
    expect(paths).to.deep.equal([`GET /api/pipelines/${ID}/snapshot`])
  })

  it('is null where there is no such pipeline for this person', async () => {
    const { api } = apiOver(refuse('not-found', 404))
    expect(await api.snapshot(ID)).to.equal(null)
  })

  it('is its events by the page', async () => {
    const { api, paths } = apiOver(() => ({ events: [{ revision: 4 }], head: 9 }))
    expect(await api.events(ID, 3 as Revision, 100)).to.deep.equal([{ revision: 4 }])
    expect(paths).to.deep.equal([`GET /api/pipelines/${ID}/events?after=3&limit=100`])
  })

  it('is asked again where the server is away, starting or overloaded', async () => {
    for (const status of [null, 429, 500, 503]) {
      const { api } = apiOver(refuse('unreachable', status))
      expect(await failureOf(api.snapshot(ID))).to.be.instanceOf(Disconnected)
      expect(await failureOf(api.events(ID, 0 as Revision, 10))).to.be.instanceOf(Disconnected)
    }
  })

  it('is not asked again where the server said no', async () => {
    const { api } = apiOver(refuse('forbidden', 403))
    expect(await failureOf(api.events(ID, 0 as Revision, 10))).to.be.instanceOf(ApiError)
  })

  it('is refused where the answer has another form', async () => {
    const { api } = apiOver(() => ({ revision: 'seven' }))
    expect(await failureOf(api.snapshot(ID))).to.be.instanceOf(Error)
  })
})
