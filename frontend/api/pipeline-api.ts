/** What the device's copy asks over HTTP: a pipeline's snapshot, and its history by the page. */
import { z } from 'zod'
import type { PipelineEvent, StoredEvent } from '../../domain/events/event.ts'
import type { Revision } from '../../domain/ids.ts'
import type { StateSnapshot } from '../../domain/pipeline/snapshot.ts'
import { Disconnected, type PipelineApi } from '../replica/transport.ts'
import { ApiError } from './api-error.ts'
import type { HttpClient } from './http-client.ts'

const snapshotAnswer = z.object({
  state: z.custom<StateSnapshot>((value) => typeof value === 'object' && value !== null),
  revision: z.int().min(0),
  hash: z.string(),
})
const eventsAnswer = z.object({ events: z.array(z.custom<StoredEvent<PipelineEvent>>()) })

export function createPipelineApi(http: HttpClient): PipelineApi {
  const get = async (path: string): Promise<unknown> => {
    try {
      return await http.send('GET', path)
    } catch (error) {
      // A server that is starting or overloaded is as good as none: the copy asks again.
      if (error instanceof ApiError && (error.status === null || error.status >= 429)) {
        throw new Disconnected(error.message)
      }
      throw error
    }
  }
  return {
    async snapshot(id) {
      try {
        const answer = snapshotAnswer.parse(await get(`/api/pipelines/${id}/snapshot`))
        return { state: answer.state, revision: answer.revision as Revision, hash: answer.hash }
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null
        throw error
      }
    },
    async events(id, after, limit) {
      const path = `/api/pipelines/${id}/events?after=${after}&limit=${limit}`
      return eventsAnswer.parse(await get(path)).events
    },
  }
}
