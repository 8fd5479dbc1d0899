/** The editor's stores without a page: fakes with knobs for everything that the app is handed. */
import { createPinia, setActivePinia } from 'pinia'
import { createApp, type App } from 'vue'
import { ApiError } from '../../frontend/api/api-error.ts'
import type { Account, Api, SignIn, Team } from '../../frontend/api/api.ts'
import type { ListedPipeline, ListFeedHandlers } from '../../frontend/api/list-feed.ts'
import { createSessionKeeper } from '../../frontend/session/kept-session.ts'
import type { Notice } from '../../frontend/session/notice.ts'
import type { KeyValueStorage } from '../../frontend/session/safe-storage.ts'
import { SERVICES, type Services } from '../../frontend/session/services.ts'
import { namedUuid } from './events.ts'
import { FAKE_START_MS, FakeReplica } from './fake-replica.ts'

export const ADA: SignIn = {
  token: 'token-of-ada',
  user: { id: namedUuid('ada'), name: 'Ada Berg', email: 'ada@example.org' },
  teams: [{ id: namedUuid('team'), name: 'Operations', role: 'owner' }],
}
export const BRUNO: SignIn = {
  token: 'token-of-bruno',
  user: { id: namedUuid('bruno'), name: 'Bruno Costa', email: 'bruno@example.org' },
  teams: [{ id: namedUuid('team'), name: 'Operations', role: 'editor' }],
}

export class MemoryStorage implements KeyValueStorage {
  readonly items = new Map<string, string>()
  getItem = (key: string) => this.items.get(key) ?? null
  setItem = (key: string, value: string) => void this.items.set(key, value)
  removeItem = (key: string) => void this.items.delete(key)
}

/** A server that answers from its fields; while `isAway` nothing reaches it. */
export class FakeApi implements Api {
  isAway = false
  account: Account = ADA
  teams = new Map<string, Team>()
  readonly calls: string[] = []

  #answer<T>(call: string, value: () => T): Promise<T> {
    this.calls.push(call)
    if (this.isAway) return Promise.reject(new ApiError('unreachable', 'Away.', null))
    try {
      return Promise.resolve(value())
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  config = () =>
    this.#answer('config', () => {
      const retryIntervals = [1000]
      return { firstSignUp: false, syncBatchSize: 50, maxOfflineQueue: 500, retryIntervals }
    })
  signUp = () => this.#answer('sign-up', () => ADA)
  signIn = () => this.#answer('sign-in', () => ADA)
  signOut = () => this.#answer('sign-out', () => undefined)
  me = () => this.#answer('me', () => this.account)
  team = (id: string) =>
    this.#answer(`team ${id}`, () => {
      const team = this.teams.get(id)
      if (!team) throw new ApiError('not-found', 'There is no such team.', 404)
      return team
    })
  invite = () =>
    this.#answer('invite', () => ({ token: 't', url: 'https://x.example/join/t', expiresAt: '' }))
  invitation = () =>
    this.#answer('invitation', () => {
      return { team: { id: 't', name: 'T' }, role: 'editor', expiresAt: '' } as const
    })
  acceptInvitation = () => this.#answer('accept', () => undefined)
  changeRole = () => this.#answer('change-role', () => undefined)
  removeMember = () => this.#answer('remove-member', () => undefined)
}

export interface TestApp {
  readonly app: App
  readonly api: FakeApi
  readonly storage: MemoryStorage
  readonly notices: Notice[]
  /** Copies that were opened, by person. */
  readonly replicas: Map<string, FakeReplica>
  /** Lists that are being followed. */
  readonly followers: Set<ListFeedHandlers>
  /** What the server's list holds now. */
  showList(rows: readonly ListedPipeline[]): void
  failNextOpen(error: Error): void
}

/** Starts with somebody signed in where `kept` is given. */
export function startTestApp(kept: SignIn | null = ADA): TestApp {
  const storage = new MemoryStorage()
  const sessions = createSessionKeeper(storage)
  if (kept) sessions.write(kept)
  const api = new FakeApi()
  const notices: Notice[] = []
  const replicas = new Map<string, FakeReplica>()
  const followers = new Set<ListFeedHandlers>()
  let failure: Error | null = null
  let ids = 0
  const services: Services = {
    sessions,
    storage,
    api,
    async openReplica(userId) {
      const error = failure
      failure = null
      if (error) throw error
      const replica = new FakeReplica({ userId })
      replicas.set(userId, replica)
      return replica
    },
    followList(handlers) {
      followers.add(handlers)
      return () => followers.delete(handlers)
    },
    notify: (notice) => notices.push(notice),
    now: () => FAKE_START_MS,
    newId: () => namedUuid('new', ids++),
  }
  const app = createApp({ render: () => null })
  const pinia = createPinia()
  app.use(pinia)
  app.provide(SERVICES, services)
  setActivePinia(pinia)
  return {
    app,
    api,
    storage,
    notices,
    replicas,
    followers,
    showList(rows) {
      for (const { onRows, onLive } of followers) {
        onRows(rows)
        onLive(true)
      }
    },
    failNextOpen: (error) => (failure = error),
  }
}
