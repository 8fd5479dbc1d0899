/**
 * The whole editor in a page, over a copy in memory: what a browser test looks at. Knobs hang on
 * `window.tributary`; the address says who looks at what: `?path=/&role=viewer`, and how many steps
 * there are besides the three: `?steps=100`. With `?teams=none` Ada is in no team; with
 * `?listed=Orders` the server lists another pipeline of that name.
 */
import '../../frontend/styles/base.css'
import '../../frontend/components/controls/menu.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { createMemoryHistory } from 'vue-router'
import App from '../../frontend/App.vue'
import type { SignIn } from '../../frontend/api/api.ts'
import type { Api } from '../../frontend/api/api.ts'
import { ApiError } from '../../frontend/api/api-error.ts'
import { showNotice } from '../../frontend/components/shell/show-notice.ts'
import { createAppRouter } from '../../frontend/router.ts'
import { createSessionKeeper } from '../../frontend/session/kept-session.ts'
import { createSafeStorage } from '../../frontend/session/safe-storage.ts'
import { SERVICES } from '../../frontend/session/services.ts'
import type { StepId, TeamId } from '../../domain/ids.ts'
import type { Command } from '../../domain/pipeline/commands.ts'
import type { Role } from '../../domain/team/roles.ts'
import { FakeReplica, type FakePipeline } from './fake-replica.ts'

const ADA = '0a0a0a0a-0000-7000-8000-000000000001'
const BRUNO = '0b0b0b0b-0000-7000-8000-000000000002'
const TEAM = '0c0c0c0c-0000-7000-8000-000000000003' as TeamId

export interface EditorPage {
  readonly replica: FakeReplica
  readonly pipeline: FakePipeline
  readonly steps: Readonly<Record<'every' | 'fetch' | 'score', StepId>>
  /** Bruno, on a device of his own. */
  bruno(): ReturnType<FakePipeline['otherDevice']>
}

declare global {
  interface Window {
    tributary: EditorPage
  }
}

const LISTED = {
  id: '0d0d0d0d-0000-7000-8000-000000000004',
  teamId: TEAM,
  status: 'active',
  updatedAt: Date.now() - 25 * 60_000,
  updatedBy: BRUNO,
  steps: 12,
  conflicts: 2,
} as const

const asked = new URLSearchParams(location.search)
const listed = asked.get('listed')
const role = (asked.get('role') ?? 'owner') as Role
const signIn: SignIn = {
  token: 'token',
  user: { id: ADA, name: 'Ada Berg', email: 'ada@example.org' },
  teams: asked.get('teams') === 'none' ? [] : [{ id: TEAM, name: 'Operations', role }],
}
const unasked = () => Promise.reject(new Error('the page asked what no test answers'))
const api: Api = {
  config: unasked,
  signUp: unasked,
  signIn: () => Promise.resolve(signIn),
  signOut: () => Promise.resolve(),
  me: () => Promise.resolve(signIn),
  async team() {
    if (signIn.teams.length === 0) throw new ApiError('not-found', 'There is no such team.', 404)
    return {
      id: TEAM,
      name: 'Operations',
      members: [
        { userId: ADA, name: 'Ada Berg', role },
        { userId: BRUNO, name: 'Bruno Costa', role: 'editor' },
      ],
      former: [],
    }
  },
  invite: unasked,
  invitation: unasked,
  acceptInvitation: unasked,
  changeRole: unasked,
  removeMember: unasked,
}

let clock = Date.now() - 3_600_000
const replica = new FakeReplica({ userId: ADA, now: () => (clock += 1000) })
const steps = Object.fromEntries(
  ['every', 'fetch', 'score'].map((name) => [name, crypto.randomUUID() as StepId]),
) as Record<'every' | 'fetch' | 'score', StepId>
const add = (stepId: StepId, kind: string, name: string, x: number, config = {}): Command => ({
  type: 'AddStep',
  stepId,
  kind,
  name,
  placement: { x, y: 100 },
  config,
})

const pipeline = replica.open(await replica.create('Order intake', TEAM))
await pipeline.execute([
  add(steps.every, 'schedule', 'Every 15 minutes', 0, { cron: '*/15 * * * *' }),
  add(steps.fetch, 'http', 'Fetch orders', 260, { method: 'GET', timeoutSeconds: 30 }),
  add(steps.score, 'code', 'Score risk', 520, { language: 'typescript', source: 'return 1' }),
])
for (let index = 0; index < Number(asked.get('steps')); index++) {
  await pipeline.execute([
    add(crypto.randomUUID() as StepId, 'wait', `Wait ${index}`, 780 + 260 * index),
  ])
}
pipeline.set({ role })
window.tributary = {
  replica,
  pipeline,
  steps,
  bruno: () => pipeline.otherDevice(BRUNO, `bruno${Math.random().toString(36).slice(2, 9)}`),
}

const storage = createSafeStorage(() => localStorage)
const sessions = createSessionKeeper(storage)
sessions.write(signIn)
const router = createAppRouter({
  isSignedIn: () => sessions.read() !== null,
  history: createMemoryHistory(),
})
const app = createApp(App)
app.use(createPinia())
app.provide(SERVICES, {
  sessions,
  storage,
  api,
  openReplica: () => Promise.resolve(replica),
  followList({ onRows, onLive }) {
    onRows(listed === null ? [] : [{ ...LISTED, name: listed }])
    onLive(true)
    return () => undefined
  },
  notify: showNotice,
  now: () => Date.now(),
  newId: () => crypto.randomUUID(),
})
app.use(router)
await router.push((asked.get('path') ?? '/p/ID').replace('ID', pipeline.id))
app.mount('#app')
