/** The real server side of the sync in this process, over the memory log, with knobs for faults. */
import { createHash } from 'node:crypto'
import { Observable, Subject } from 'rxjs'
import { createAdmission } from '../../backend/sync/admission.ts'
import { startLogTail } from '../../backend/sync/log-tail.ts'
import { createPresenceBoard } from '../../backend/sync/presence-board.ts'
import { SyncSession } from '../../backend/sync/sync-session.ts'
import { createPipelineDirectory } from '../../backend/pipelines/pipeline-directory.ts'
import type { PipelineEvent, StoredEvent } from '../../domain/events/event.ts'
import type { ActorId, ReplicaId, TeamId } from '../../domain/ids.ts'
import { pipelineStream } from '../../domain/ids.ts'
import type { EventLog } from '../../domain/log/event-log.ts'
import { createMemoryLog } from '../../domain/log/memory-log.ts'
import { takeSnapshot } from '../../domain/pipeline/snapshot.ts'
import type {
  EventsMessage,
  PresenceUpdate,
  PushAnswer,
  RevokedMessage,
  RoleMessage,
} from '../../domain/protocol/messages.ts'
import type { Role } from '../../domain/team/roles.ts'
import { createMemoryReplicaRegistry } from './memory-replica-registry.ts'
import {
  ConnectRefused,
  Disconnected,
  type Link,
  type PipelineApi,
  type Transport,
} from '../../frontend/replica/transport.ts'

export interface TestServer {
  readonly log: EventLog
  readonly roles: Map<ActorId, Role | null>
  transportOf(actorId: ActorId): Transport
  apiOf(actorId: ActorId): PipelineApi
  /** Ends every connection and refuses new ones until `up`. */
  down(): void
  up(): void
  /** The next push is accepted, and its answer lost with the connection. */
  loseNextAnswer(): void
  setRole(actorId: ActorId, role: Role | null): void
  /** Every push that arrived, with its answer. */
  readonly pushes: { events: readonly unknown[]; epoch: number | undefined; answer: PushAnswer }[]
  stop(): void
}

export interface TestServerOptions {
  readonly teamId: TeamId
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly log?: EventLog
}

export async function startTestServer({
  teamId,
  now,
  ...given
}: TestServerOptions): Promise<TestServer> {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const log = given.log ?? createMemoryLog({ now, sha256 })
  const roles = new Map<ActorId, Role | null>()
  const roleOf = async (team: TeamId, actorId: ActorId) =>
    team === teamId ? (roles.get(actorId) ?? null) : null
  const replicas = createMemoryReplicaRegistry()
  const directory = createPipelineDirectory(log)
  const admission = createAdmission({ log, directory, roleOf, ownerOf: replicas.ownerOf, now })
  const tail = await startLogTail(log)
  const shown = new Map<string, (update: PresenceUpdate) => void>()
  const presence = createPresenceBoard((ids, update) =>
    ids.forEach((id) => shown.get(id)?.(update)),
  )
  const links = new Set<{ session: SyncSession; actorId: ActorId; end: () => void }>()
  const pushes: TestServer['pushes'] = []
  let isUp = true
  let loseAnswer = false
  let count = 0

  function connect(actorId: ActorId, replicaId: ReplicaId): Link {
    const id = `link-${++count}`
    const events = new Subject<EventsMessage>()
    const updates = new Subject<PresenceUpdate>()
    const revoked = new Subject<RevokedMessage>()
    const role = new Subject<RoleMessage>()
    const ended = new Subject<void>()
    let alive = true
    shown.set(id, (update) => updates.next(update))
    const connection = {
      id,
      sendEvents: (message: EventsMessage) => events.next(structuredClone(message)),
      sendRevoked: (message: RevokedMessage) => revoked.next(message),
      sendRole: (message: RoleMessage) => role.next(message),
      drained: async () => undefined,
    }
    const bucket = { take: () => null }
    const person = { actorId, name: 'Test' }
    const ports = { log, tail, directory, admission, roleOf, presence, now, batchSize: 100 }
    const session = new SyncSession(person, replicaId, connection, bucket, ports)
    const entry = { session, actorId, end }
    links.add(entry)
    function end(): void {
      if (!alive) return
      alive = false
      links.delete(entry)
      shown.delete(id)
      session.end()
      ended.next()
    }
    async function whileAlive<T>(work: () => Promise<T>): Promise<T> {
      if (!alive) throw new Disconnected()
      const result = structuredClone(await work())
      if (!alive) throw new Disconnected()
      return result
    }
    return {
      events,
      presence: updates,
      revoked,
      role,
      ended: new Observable((observer) => (alive ? ended.subscribe(observer) : observer.next())),
      async open(message) {
        const { answer, start } = await session.open(structuredClone(message))
        // The answer arrives before the first events, as it does over a socket.
        const result = await whileAlive(async () => answer)
        setImmediate(() => alive && start?.())
        return result
      },
      push: (message) =>
        whileAlive(async () => {
          const answer = await session.push(structuredClone(message))
          pushes.push({ events: message.events, epoch: message.epoch, answer })
          if (loseAnswer) {
            loseAnswer = false
            end()
          }
          return answer
        }),
      close: async (pipelineId) => void session.close({ pipelineId }),
      showPresence: (message) => session.presence(message),
      end,
    }
  }

  return {
    log,
    roles,
    pushes,
    transportOf: (actorId) => ({
      async connect(token, replicaId) {
        if (!isUp) throw new Disconnected('the server is down')
        if (!token) throw new ConnectRefused('unauthenticated', 'Sign in first.')
        if (!(await replicas.claim(replicaId, actorId)))
          throw new ConnectRefused('malformed', 'No.')
        return connect(actorId, replicaId)
      },
    }),
    apiOf: (actorId) => ({
      async snapshot(id) {
        if (!isUp) throw new Disconnected()
        const at = await directory.read(id)
        if (!at || !roles.get(actorId)) return null
        return structuredClone({
          state: takeSnapshot(at.state),
          revision: at.revision,
          hash: at.hash,
        })
      },
      async events(id, after, limit) {
        if (!isUp) throw new Disconnected()
        const stored = await log.readStream(pipelineStream(id), { after, limit })
        return stored as StoredEvent<PipelineEvent>[]
      },
    }),
    down() {
      isUp = false
      for (const link of [...links]) link.end()
    },
    up() {
      isUp = true
    },
    loseNextAnswer() {
      loseAnswer = true
    },
    setRole(actorId, role) {
      roles.set(actorId, role)
      for (const link of links) if (link.actorId === actorId) link.session.roleChanged(teamId, role)
    },
    stop() {
      for (const link of [...links]) link.end()
      presence.stop()
      tail.stop()
    },
  }
}
