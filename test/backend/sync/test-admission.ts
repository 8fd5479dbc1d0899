/** Admission over a memory log, with roles, a clock and faults that a test sets. */
import {
  createPipelineDirectory,
  type PipelineDirectory,
} from '../../../backend/pipelines/pipeline-directory.ts'
import type { ReplicaRegistry } from '../../../backend/sync/replica-registry.ts'
import { createAdmission, type Push } from '../../../backend/sync/admission.ts'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import { isPipelineEvent } from '../../../domain/events/event.ts'
import {
  pipelineStream,
  type ActorId,
  type PipelineId,
  type ReplicaId,
  type TeamId,
} from '../../../domain/ids.ts'
import { LogUnavailable, type EventLog } from '../../../domain/log/event-log.ts'
import { createMemoryLog } from '../../../domain/log/memory-log.ts'
import type { PushAnswer } from '../../../domain/protocol/messages.ts'
import { createMemoryReplicaRegistry } from '../../support/memory-replica-registry.ts'
import type { Role } from '../../../domain/team/roles.ts'
import { PIPELINE } from '../../domain/pipeline/histories.ts'
import { Peer, TEAM } from '../../domain/pipeline/peer.ts'
import { EVENTS_START_MS } from '../../support/events.ts'

/** The server's clock: ten seconds after the first test event. */
export const NOW = EVENTS_START_MS + 10_000

export interface TestAdmission {
  readonly log: EventLog
  readonly directory: PipelineDirectory
  /** Of the test team; everybody else is a stranger. */
  readonly roles: Map<ActorId, Role>
  /** Who has connected with which replica id. */
  readonly replicas: ReplicaRegistry
  /** Whether the log cannot be reached. */
  isDown: boolean
  /** Pushes as a peer, over the wire: what arrives is a copy. */
  push(by: Peer, events: readonly unknown[], more?: Partial<Push>): Promise<PushAnswer>
  /** A second node over the same log, with a directory of its own. */
  anotherNode(): TestAdmission
  stored(): Promise<PipelineEvent[]>
}

export function startAdmission(
  memory: EventLog = createMemoryLog({ now: () => NOW }),
  roles = new Map<ActorId, Role>(),
  replicas = createMemoryReplicaRegistry(),
): TestAdmission {
  const node: { isDown: boolean } = { isDown: false }
  const log = brittle(memory, node)
  const roleOf = async (teamId: TeamId, actorId: ActorId) =>
    teamId === TEAM ? (roles.get(actorId) ?? null) : null
  const directory = createPipelineDirectory(log)
  const admission = createAdmission({
    ...{ log, directory, roleOf },
    ownerOf: replicas.ownerOf,
    now: () => NOW,
  })
  return Object.assign(node, {
    log,
    directory,
    roles,
    replicas,
    push: (by: Peer, events: readonly unknown[], more: Partial<Push> = {}) =>
      admission.push({
        actorId: by.actorId,
        pipelineId: PIPELINE as PipelineId,
        replicaId: by.replicaId as ReplicaId,
        events: JSON.parse(JSON.stringify(events)) as unknown[],
        ...more,
      }),
    anotherNode: () => startAdmission(memory, roles, replicas),
    stored: async () =>
      (await memory.readStream(pipelineStream(PIPELINE), { limit: 10_000 }))
        .map(({ event }) => event)
        .filter(isPipelineEvent),
  })
}

/** The log as a node sees it that may lose its connection. */
function brittle(log: EventLog, node: { isDown: boolean }): EventLog {
  const guarded =
    <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      if (node.isDown) throw new LogUnavailable('the log cannot be reached')
      return work(...args)
    }
  return {
    append: guarded(log.append),
    readStream: guarded(log.readStream),
    readAll: guarded(log.readAll),
    streamHead: guarded(log.streamHead),
    head: guarded(log.head),
    onGrowth: log.onGrowth,
  }
}

/** Ann owns the team, Ben edits, Vic looks on; Ann has pushed a pipeline with steps a and b. */
export async function startWithPipeline() {
  const server = startAdmission()
  const [ann, ben, vic, sam] = ['ann', 'ben', 'vic', 'sam'].map((name) => new Peer(name))
  const people = { ann: ann!, ben: ben!, vic: vic!, sam: sam! }
  server.roles.set(ann!.actorId, 'owner').set(ben!.actorId, 'editor').set(vic!.actorId, 'viewer')
  ann!.begin('a', 'b')
  const first = await server.push(ann!, ann!.seen)
  if (!first.ok) throw new Error(first.message)
  for (const peer of [ben!, vic!, sam!]) peer.hear(ann!)
  return { server, ...people }
}
