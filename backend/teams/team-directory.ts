/**
 * Every team in memory, folded from the team streams: who may do what, answered without a read.
 *
 * What this process appends is in it before the append is answered; what other nodes append follows
 * with the log, some milliseconds later. A start reads the team streams alone: an index keeps their
 * ids, and from the index's position on the log is followed for new ones.
 */
import { isPipelineEvent, type ServerEvent, type StoredEvent } from '../../domain/events/event.ts'
import {
  teamStream,
  type ActorId,
  type Position,
  type Revision,
  type StreamId,
  type TeamId,
} from '../../domain/ids.ts'
import type { EventLog } from '../../domain/log/event-log.ts'
import type { Role } from '../../domain/team/roles.ts'
import { readTeamChange } from '../../domain/team/team-events.ts'
import { evolveTeam, initialTeam, roleIn, type TeamState } from '../../domain/team/team.ts'
import { followLog } from '../../projections/catch-up.ts'
import { readStreamName } from '../../projections/stream-kinds.ts'
import type { TeamIndex } from './team-index.ts'

/** A team at one revision of its stream. Never changed: an event makes a new one. */
export interface TeamAt {
  readonly state: TeamState
  /** 0 where there is no such team. */
  readonly revision: Revision
  /** When each present member joined, ISO 8601. */
  readonly joinedAt: ReadonlyMap<ActorId, string>
}

export interface Membership {
  readonly id: TeamId
  readonly name: string
  readonly role: Role
}

/** Called with null when somebody is no longer a member. */
export type MembershipListener = (teamId: TeamId, userId: ActorId, role: Role | null) => void

export interface TeamDirectory {
  /** A person's role in a team; null for a stranger, and for a team that does not exist. */
  roleOf(teamId: TeamId, userId: ActorId): Promise<Role | null>
  /** The teams that a person is a member of, by name. */
  teamsOf(userId: ActorId): Promise<Membership[]>
  /** The team as this process knows it. */
  team(teamId: TeamId): TeamAt
  /** The team at the log's head at the time of the call. */
  refresh(teamId: TeamId): Promise<TeamAt>
  /** As `refresh`, where the stream is that of a team. */
  catchUp(streamId: StreamId): Promise<void>
  /** Calls back after every change of a role, whoever made it. Returns what stops it. */
  onMembershipChange(listener: MembershipListener): () => void
  stop(): Promise<void>
}

export interface TeamDirectoryPorts {
  readonly log: EventLog
  readonly index: TeamIndex
  /** Called for every stream of the server's own that has grown, whoever appended. */
  readonly onGrown?: (streamId: StreamId) => void
  readonly onError: (error: unknown) => void
}

const PAGE = 1_000
/** Streams read at once at the start: the log's connections are shared with everybody. */
const READS_AT_ONCE = 8
/** The index's position is saved when it has moved this far: so much a start reads again at most. */
const SAVE_EVERY = 5_000

/** Loads every team, and follows the log from then on. */
export async function openTeamDirectory(ports: TeamDirectoryPorts): Promise<TeamDirectory> {
  const { log, index, onError } = ports
  const cache = createTeamCache(onError)
  const { teamIds, position } = await loadIndex(log, index)

  async function refresh(teamId: TeamId): Promise<TeamAt> {
    for (;;) {
      const after = cache.team(teamId).revision
      const page = await log.readStream(teamStream(teamId), { after, limit: PAGE })
      cache.absorb(page)
      if (page.length < PAGE) return cache.team(teamId)
    }
  }

  const queue = [...teamIds]
  const readNext = async () => {
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) await refresh(id)
  }
  await Promise.all(Array.from({ length: READS_AT_ONCE }, readNext))

  const known = new Set(teamIds)
  let savedAt = position
  let reached = position
  async function follow(stored: readonly StoredEvent[]): Promise<void> {
    const missing = cache.absorb(stored)
    await Promise.all([...missing].map(refresh))
    for (const { event } of stored) if (!isPipelineEvent(event)) ports.onGrown?.(event.streamId)
    const fresh = [...teamsIn(stored)].filter((id) => !known.has(id))
    const { position: at } = stored.at(-1)!
    if (fresh.length > 0 || at - savedAt >= SAVE_EVERY) {
      await index.save({ teamIds: fresh, position: at })
      for (const id of fresh) known.add(id)
      savedAt = at
    }
    reached = at
  }
  const following = followLog(log, position, follow, { onRetry: onError }).subscribe()

  return {
    roleOf: async (teamId, userId) => roleIn(cache.team(teamId).state, userId),
    teamsOf: async (userId) => cache.teamsOf(userId),
    team: cache.team,
    refresh,
    async catchUp(streamId) {
      const teamId = teamOfStream(streamId)
      if (teamId) await refresh(teamId)
    },
    onMembershipChange: cache.onMembershipChange,
    async stop() {
      following.unsubscribe()
      if (reached > savedAt) await index.save({ teamIds: [], position: reached }).catch(onError)
    },
  }
}

/** A log that ends before the index's position was put back: it is looked through again. */
async function loadIndex(log: EventLog, index: TeamIndex) {
  const loaded = await index.load()
  if (loaded.position <= (await log.head())) return loaded
  await index.reset()
  return { ...loaded, position: 0 as Position }
}

function teamOfStream(streamId: StreamId): TeamId | null {
  const name = readStreamName(streamId)
  return name?.kind === 'team' ? name.id : null
}

function teamsIn(stored: readonly StoredEvent[]): Set<TeamId> {
  const ids = stored.map(({ event }) =>
    isPipelineEvent(event) ? null : teamOfStream(event.streamId),
  )
  return new Set(ids.filter((id) => id !== null))
}

function createTeamCache(onError: (error: unknown) => void) {
  const teams = new Map<TeamId, TeamAt>()
  const memberOf = new Map<ActorId, Set<TeamId>>()
  const listeners = new Set<MembershipListener>()

  const team = (teamId: TeamId): TeamAt =>
    teams.get(teamId) ?? {
      state: initialTeam(teamId),
      revision: 0 as Revision,
      joinedAt: new Map(),
    }

  function tell(teamId: TeamId, userId: ActorId, role: Role | null): void {
    for (const listener of listeners) {
      try {
        listener(teamId, userId, role)
      } catch (error) {
        onError(error)
      }
    }
  }

  function apply(teamId: TeamId, before: TeamAt, { event, revision, recordedAt }: StoredTeamEvent) {
    const state = evolveTeam(before.state, event)
    const userId = memberIn(event)
    const role = userId && roleIn(state, userId)
    const joinedAt = new Map(before.joinedAt)
    if (userId && !role) joinedAt.delete(userId)
    else if (userId && !joinedAt.has(userId)) joinedAt.set(userId, recordedAt)
    teams.set(teamId, { state, revision, joinedAt })
    if (!userId) return
    const own = memberOf.get(userId) ?? new Set()
    memberOf.set(userId, role ? own.add(teamId) : without(own, teamId))
    if (role !== roleIn(before.state, userId)) tell(teamId, userId, role)
  }

  return {
    team,
    /** Applies what continues a team; the teams are answered of which something before is missing. */
    absorb(stored: readonly StoredEvent[]): Set<TeamId> {
      const missing = new Set<TeamId>()
      for (const one of stored) {
        if (!isServerEvent(one)) continue
        const teamId = teamOfStream(one.event.streamId)
        if (!teamId) continue
        const at = team(teamId)
        if (one.revision === at.revision + 1) apply(teamId, at, one)
        else if (one.revision > at.revision) missing.add(teamId)
      }
      return missing
    },
    teamsOf(userId: ActorId): Membership[] {
      const ids = [...(memberOf.get(userId) ?? [])]
      return ids
        .map((id) => ({
          id,
          name: team(id).state.name ?? '',
          role: roleIn(team(id).state, userId)!,
        }))
        .sort((a, b) => a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1))
    },
    onMembershipChange(listener: MembershipListener): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

type StoredTeamEvent = StoredEvent<ServerEvent>

function isServerEvent(stored: StoredEvent): stored is StoredTeamEvent {
  return !isPipelineEvent(stored.event)
}

/** The person whose membership an event is about. */
function memberIn(event: ServerEvent): ActorId | null {
  const change = readTeamChange(event)
  return change && 'userId' in change.payload ? change.payload.userId : null
}

function without<T>(set: Set<T>, value: T): Set<T> {
  set.delete(value)
  return set
}
