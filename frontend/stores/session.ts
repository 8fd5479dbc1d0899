/** Who is signed in, in which teams, and whether the server still takes their token. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Account, Membership, SignIn } from '../api/api.ts'
import { useServices } from '../session/services.ts'
import type { KeptSession } from '../session/kept-session.ts'

export const useSession = defineStore('session', () => {
  const { api, sessions } = useServices()
  const kept = shallowRef<KeptSession | null>(sessions.read())

  const user = computed(() => kept.value?.user ?? null)
  const teams = computed<readonly Membership[]>(() => kept.value?.teams ?? [])
  /** Signed in as far as this device knows, and the token has ended. */
  const ended = computed(() => kept.value !== null && kept.value.token === null)

  function keep(session: KeptSession): void {
    sessions.write(session)
    kept.value = session
  }

  function begin({ token, user, teams }: SignIn): void {
    keep({ token, user, teams })
  }

  /** The server no longer takes the token: the person's copy stays open, unsent edits wait. */
  function end(): void {
    if (kept.value?.token != null) keep({ ...kept.value, token: null })
  }

  /** Another tab has signed somebody in or out. */
  function reread(): void {
    kept.value = sessions.read()
  }

  function update({ user, teams }: Account): void {
    if (kept.value) keep({ ...kept.value, user, teams })
  }

  /** Asks the server for changed teams and roles; without it, those of the last visit hold. */
  async function refresh(): Promise<void> {
    if (kept.value?.token == null) return
    await api.me().then(update, () => undefined)
  }

  /** Leaves; the person's copy and their unsent edits stay on this device. */
  async function leave(): Promise<void> {
    if (kept.value?.token != null) await api.signOut().catch(() => undefined)
    sessions.clear()
    kept.value = null
  }

  function team(id: string | null): Membership | null {
    return teams.value.find((membership) => membership.id === id) ?? null
  }

  return { user, teams, ended, kept, begin, end, reread, refresh, leave, team }
})
