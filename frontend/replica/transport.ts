/** The connection to the server, as a port. */
import type { Observable } from 'rxjs'
import type { PipelineEvent, StoredEvent } from '../../domain/events/event.ts'
import type { PipelineId, ReplicaId, Revision } from '../../domain/ids.ts'
import type { StateSnapshot } from '../../domain/pipeline/snapshot.ts'
import type { HandshakeCode } from '../../domain/protocol/codes.ts'
import type {
  EventsMessage,
  OpenAnswer,
  OpenMessage,
  PresenceMessage,
  PresenceUpdate,
  PushAnswer,
  PushMessage,
  RevokedMessage,
  RoleMessage,
} from '../../domain/protocol/messages.ts'

/** One connection that stands. Its requests reject with `Disconnected` when it ends first. */
export interface Link {
  readonly events: Observable<EventsMessage>
  readonly presence: Observable<PresenceUpdate>
  readonly revoked: Observable<RevokedMessage>
  readonly role: Observable<RoleMessage>
  /** Emits once, when the connection has ended. */
  readonly ended: Observable<void>
  open(message: OpenMessage): Promise<OpenAnswer>
  push(message: PushMessage): Promise<PushAnswer>
  close(pipelineId: PipelineId): Promise<void>
  showPresence(message: PresenceMessage): void
  end(): void
}

export interface Transport {
  /** @throws ConnectRefused when the server says no, Disconnected when it does not answer */
  connect(token: string, replicaId: ReplicaId): Promise<Link>
}

/** A pipeline's state at the head of its stream, for a device that has nothing of it yet. */
export interface PipelineSnapshot {
  readonly state: StateSnapshot
  readonly revision: Revision
  readonly hash: string
}

/** What the replica asks over HTTP. Rejects with `Disconnected` when the server does not answer. */
export interface PipelineApi {
  /** Null where there is no such pipeline for this person. */
  snapshot(id: PipelineId): Promise<PipelineSnapshot | null>
  /** Stored events of a pipeline after a revision, ascending, at most `limit`. */
  events(
    id: PipelineId,
    after: Revision,
    limit: number,
  ): Promise<readonly StoredEvent<PipelineEvent>[]>
}

export class ConnectRefused extends Error {
  readonly code: HandshakeCode
  constructor(code: HandshakeCode, message: string) {
    super(message)
    this.name = 'ConnectRefused'
    this.code = code
  }
}

/** The connection ended, or never came to be, before an answer: what was sent may have arrived. */
export class Disconnected extends Error {
  constructor(message = 'the connection has ended') {
    super(message)
    this.name = 'Disconnected'
  }
}
