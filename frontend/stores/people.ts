/** Names of people by id: the members of the teams, kept on this device for when it is offline. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Team } from '../api/api.ts'
import { parsedJson } from '../session/parsed-json.ts'
import { useServices } from '../session/services.ts'
import { useSession } from './session.ts'

const SOMEBODY = 'Somebody'

export const usePeople = defineStore('people', () => {
  const { api, storage } = useServices()
  const session = useSession()
  const names = shallowRef<ReadonlyMap<string, string>>(new Map())
  let readFor: string | null = null

  const ownId = computed(() => session.user?.id ?? null)

  /** Reads what is kept on this device, then asks the server for the members of each team. */
  async function refresh(): Promise<void> {
    readKept()
    const teams = await Promise.all(session.teams.map(({ id }) => api.team(id).catch(() => null)))
    learn(teams.filter((team) => team !== null))
  }

  function readKept(): void {
    const userId = ownId.value
    if (userId === null || readFor === userId) return
    readFor = userId
    names.value = new Map(readNames(storage.getItem(keyOf(userId))))
  }

  function learn(teams: readonly Team[]): void {
    const userId = ownId.value
    if (teams.length === 0 || userId === null) return
    const known = new Map(names.value)
    for (const { members, former } of teams) {
      for (const { userId: id, name } of [...(former ?? []), ...members]) known.set(id, name)
    }
    names.value = known
    storage.setItem(keyOf(userId), JSON.stringify([...known]))
  }

  /** Somebody met on the way, as in a presence message. */
  function meet(id: string, name: string): void {
    if (name && names.value.get(id) !== name) names.value = new Map(names.value).set(id, name)
  }

  function nameOf(id: string): string {
    if (id === ownId.value) return session.user?.name ?? SOMEBODY
    return names.value.get(id) ?? SOMEBODY
  }

  /** As `nameOf`, but "You" for the signed-in person. */
  function youOr(id: string): string {
    return id === ownId.value ? 'You' : nameOf(id)
  }

  return { refresh, learn, meet, nameOf, youOr }
})

const keyOf = (userId: string) => `tributary.people.${userId}`

function readNames(text: string | null): [string, string][] {
  const pairs = parsedJson(text)
  if (!Array.isArray(pairs)) return []
  return pairs.filter(
    (pair): pair is [string, string] =>
      Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string',
  )
}
