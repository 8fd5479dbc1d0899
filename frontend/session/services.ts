/** What the editor is handed at start; a test and a preview hand in others. */
import { inject, type InjectionKey } from 'vue'
import type { Api } from '../api/api.ts'
import type { ListFeed } from '../api/list-feed.ts'
import type { Replica } from '../replica/replica.ts'
import type { SessionKeeper } from './kept-session.ts'
import type { Notice } from './notice.ts'
import type { KeyValueStorage } from './safe-storage.ts'

export interface Services {
  readonly sessions: SessionKeeper
  readonly storage: KeyValueStorage
  /** The API for requests with the signed-in person's token. */
  readonly api: Api
  /** Opens a person's copy on this device. */
  readonly openReplica: (userId: string) => Promise<Replica>
  /** Follows the list of pipelines that the person may see. */
  readonly followList: ListFeed
  /** Shows a short message that goes away by itself. */
  readonly notify: (notice: Notice) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly newId: () => string
}

export const SERVICES: InjectionKey<Services> = Symbol('services')

/** The services, in a component's or a store's setup. */
export function useServices(): Services {
  const services = inject(SERVICES)
  if (!services) throw new Error('the app was mounted without its services')
  return services
}
