/** Puts the editor together: the only place that knows the browser's storage, clock and network. */
import './styles/base.css'
import './components/controls/menu.css'
import { createPinia } from 'pinia'
import { v7 as uuidv7 } from 'uuid'
import { createApp } from 'vue'
import App from './App.vue'
import { createApi } from './api/api.ts'
import { createHttpClient } from './api/http-client.ts'
import { readSyncConfig } from './api/kept-config.ts'
import { createLazyListFeed } from './api/lazy-list-feed.ts'
import { createPipelineApi } from './api/pipeline-api.ts'
import { showNotice } from './components/shell/show-notice.ts'
import { createAppRouter } from './router.ts'
import { createSessionKeeper } from './session/kept-session.ts'
import { createSafeStorage } from './session/safe-storage.ts'
import { SERVICES } from './session/services.ts'
import { useSession } from './stores/session.ts'

const storage = createSafeStorage(() => localStorage)
const sessions = createSessionKeeper(storage)
/**
 * Read anew each time, since another tab may have signed in or out, and only where it is still this
 * person's: nobody's edits may ever be sent in the name of somebody else.
 */
function tokenOf(userId: string | undefined): string | null {
  const kept = sessions.read()
  return kept && kept.user.id === userId ? kept.token : null
}
const token = () => tokenOf(useSession().user?.id)
const onSignedOut = () => useSession().end()
const http = createHttpClient({ token, onSignedOut, fetch: (...request) => fetch(...request) })
const api = createApi(http)

const app = createApp(App)
app.use(createPinia())
app.provide(SERVICES, {
  sessions,
  storage,
  api,
  async openReplica(userId) {
    const { createReplica } = await import('./replica/create-replica.ts')
    const config = await readSyncConfig(api, storage)
    return createReplica({
      userId,
      token: () => tokenOf(userId),
      api: createPipelineApi(http),
      config,
    })
  },
  followList: createLazyListFeed({ url: `${location.origin}/v1/shape`, token, onSignedOut }),
  notify: showNotice,
  now: () => Date.now(),
  newId: () => uuidv7(),
})
app.use(createAppRouter({ isSignedIn: () => sessions.read() !== null }))
app.mount('#app')
