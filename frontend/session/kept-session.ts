/**
 * Who is signed in on this device, kept so that a reload with the network off comes up signed in.
 *
 * The token lies beside it in localStorage: the editor must open without asking the server. People
 * who have signed in here before are remembered by name and e-mail, never by token.
 */
import type { Membership, Person, SignIn } from '../api/api.ts'
import { parsedJson } from './parsed-json.ts'
import type { KeyValueStorage } from './safe-storage.ts'

export interface KeptSession extends Omit<SignIn, 'token'> {
  /** Null once the session has ended: the person's copy still opens, and nothing is sent. */
  readonly token: string | null
}

export interface SessionKeeper {
  read(): KeptSession | null
  write(session: KeptSession): void
  /** Forgets who is signed in; their copy on this device stays. */
  clear(): void
  /** People who have signed in on this device, the last one first. */
  people(): readonly Person[]
}

/** Where the session lies: other tabs watch it. */
export const SESSION_KEY = 'tributary.session'
const PEOPLE_KEY = 'tributary.people'
const MOST_PEOPLE = 5

export function createSessionKeeper(storage: KeyValueStorage): SessionKeeper {
  const people = () => listOf(parsedJson(storage.getItem(PEOPLE_KEY)), isPerson)
  return {
    read() {
      const kept = parsedJson(storage.getItem(SESSION_KEY))
      return isSession(kept) ? kept : null
    },
    write(session) {
      storage.setItem(SESSION_KEY, JSON.stringify(session))
      const others = people().filter(({ id }) => id !== session.user.id)
      const known = [session.user, ...others].slice(0, MOST_PEOPLE)
      storage.setItem(PEOPLE_KEY, JSON.stringify(known))
    },
    clear() {
      storage.removeItem(SESSION_KEY)
    },
    people,
  }
}

function listOf<T>(value: unknown, isMember: (member: unknown) => member is T): readonly T[] {
  return Array.isArray(value) ? value.filter(isMember) : []
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

function isPerson(value: unknown): value is Person {
  return isObject(value) && [value['id'], value['name'], value['email']].every(isText)
}

function isMembership(value: unknown): value is Membership {
  return isObject(value) && [value['id'], value['name'], value['role']].every(isText)
}

const isText = (value: unknown): value is string => typeof value === 'string'

function isSession(value: unknown): value is KeptSession {
  if (!isObject(value) || !isPerson(value['user'])) return false
  const { token, teams } = value
  return (token === null || isText(token)) && Array.isArray(teams) && teams.every(isMembership)
}
