/**
 * What each caller may see, and since when: a handle holds for one generation of its caller's
 * memberships. Whoever joins or leaves a team gets a new generation, which no handle of before fits.
 */
import { randomBytes } from 'node:crypto'
import { Subject } from 'rxjs'
import type { ActorId } from '../../domain/ids.ts'
import type { Membership, TeamDirectory } from '../teams/team-directory.ts'

export interface CallerScope {
  /** Never used again, by any process. */
  readonly generation: string
  readonly teamIds: ReadonlySet<string>
  /** Whether the caller's memberships have changed since. */
  readonly hasEnded: boolean
  /** Emits when it ends. */
  readonly ended: Subject<void>
}

export interface CallerScopes {
  /** The present scope of a person. */
  of(userId: ActorId): Promise<CallerScope>
  stop(): void
}

class Generation implements CallerScope {
  readonly generation = randomBytes(8).toString('hex')
  readonly ended = new Subject<void>()
  readonly loaded: Promise<void>
  hasEnded = false
  teamIds: ReadonlySet<string> = new Set()

  constructor(teams: Promise<readonly Membership[]>) {
    this.loaded = teams.then((memberships) => {
      this.teamIds = new Set(memberships.map(({ id }) => id))
    })
  }

  end(): void {
    this.hasEnded = true
    this.ended.next()
    this.ended.complete()
  }
}

/** @param maxCallers remembered; who is forgotten is told to fetch again */
export function createCallerScopes(
  { teamsOf, onMembershipChange }: Pick<TeamDirectory, 'teamsOf' | 'onMembershipChange'>,
  maxCallers: number,
): CallerScopes {
  const scopes = new Map<ActorId, Generation>()

  function end(userId: ActorId): void {
    const scope = scopes.get(userId)
    scopes.delete(userId)
    scope?.end()
  }

  return {
    async of(userId) {
      for (;;) {
        const scope = scopes.get(userId) ?? new Generation(teamsOf(userId))
        // Put last: the first is who has not been here for longest.
        scopes.delete(userId)
        scopes.set(userId, scope)
        if (scopes.size > maxCallers) end(scopes.keys().next().value!)
        try {
          await scope.loaded
        } catch (error) {
          if (scopes.get(userId) === scope) end(userId)
          throw error
        }
        if (!scope.hasEnded) return scope
      }
    },
    stop: onMembershipChange((_teamId, userId) => end(userId)),
  }
}
