/** One connected device: the pipelines it has open, what it pushes, and who sees it there. */
import type { Subscription } from 'rxjs'
import { isStoredPipelineEvent } from '../../domain/events/event.ts'
import {
  pipelineStream,
  type ActorId,
  type PipelineId,
  type ReplicaId,
  type Revision,
  type TeamId,
} from '../../domain/ids.ts'
import type { EventLog } from '../../domain/log/event-log.ts'
import { isCreated, teamOf, vectorOf } from '../../domain/pipeline/state.ts'
import type { Refusal } from '../../domain/protocol/codes.ts'
import {
  closeSchema,
  openSchema,
  presenceSchema,
  pushSchema,
  type CloseAnswer,
  type EventsMessage,
  type OpenAnswer,
  type OpenMessage,
  type PushAnswer,
  type RevokedMessage,
  type RoleMessage,
} from '../../domain/protocol/messages.ts'
import type { Role } from '../../domain/team/roles.ts'
import type { PipelineDirectory } from '../pipelines/pipeline-directory.ts'
import type { Admission } from './admission.ts'
import { NO_SUCH_PIPELINE, refusal, type RoleOf } from './check-event.ts'
import { followStream } from './follow-stream.ts'
import type { LogTail } from './log-tail.ts'
import type { PresenceBoard } from './presence-board.ts'
import type { TokenBucket } from './token-bucket.ts'

/** The connection, as far as a session needs it. */
export interface Connection {
  readonly id: string
  sendEvents(message: EventsMessage): void
  sendRevoked(message: RevokedMessage): void
  sendRole(message: RoleMessage): void
  /** Resolves once the connection has room for more: back-pressure. */
  drained(): Promise<void>
}

export interface SessionPorts {
  readonly log: EventLog
  readonly tail: LogTail
  readonly directory: PipelineDirectory
  readonly admission: Admission
  readonly roleOf: RoleOf
  readonly presence: PresenceBoard
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Events in one `events` message. */
  readonly batchSize: number
}

export interface Person {
  readonly actorId: ActorId
  readonly name: string
}

interface Followed {
  readonly teamId: TeamId
  readonly subscription: Subscription
}

export class SyncSession {
  readonly person: Person
  readonly #replicaId: ReplicaId
  readonly #connection: Connection
  readonly #ports: SessionPorts
  readonly #bucket: TokenBucket
  readonly #followed = new Map<PipelineId, Followed>()
  /** What the person has become in their teams since the session began; null where they left. */
  readonly #changedRoles = new Map<TeamId, Role | null>()

  constructor(
    person: Person,
    replicaId: ReplicaId,
    connection: Connection,
    bucket: TokenBucket,
    ports: SessionPorts,
  ) {
    this.person = person
    this.#replicaId = replicaId
    this.#connection = connection
    this.#bucket = bucket
    this.#ports = ports
  }

  /** Answers an `open`; call `start` of the answer once it is on its way, so that events follow it. */
  async open(raw: unknown): Promise<{ answer: OpenAnswer; start?: () => void }> {
    const parsed = openSchema.safeParse(raw)
    if (!parsed.success) return { answer: { ok: false, ...malformedMessage('open') } }
    const message = parsed.data
    const at = await this.#ports.directory.read(message.pipelineId)
    const teamId = at && isCreated(at.state) ? teamOf(at.state) : null
    const role = teamId && (await this.#ports.roleOf(teamId, this.person.actorId))
    // Nothing at all is known here of what the device has the history of: a restored backup.
    if (!at && message.after > 0) return { answer: { ok: false, ...OTHER_HISTORY } }
    if (!at || !teamId || !role) return { answer: { ok: false, ...NO_SUCH_PIPELINE } }
    if (!(await this.#isOurHistory(message, at.revision))) {
      return { answer: { ok: false, ...OTHER_HISTORY } }
    }
    this.#unfollow(message.pipelineId)
    return {
      answer: {
        ok: true,
        role,
        head: at.revision,
        vector: vectorOf(at.state),
        serverTime: this.#ports.now(),
      },
      start: () => this.#follow(message.pipelineId, teamId, message.after),
    }
  }

  /** Answers a `push`. The acknowledgement leaves only after the commit. */
  async push(raw: unknown): Promise<PushAnswer> {
    const parsed = pushSchema.safeParse(raw)
    if (!parsed.success) return nothingPushed(malformedMessage('push'))
    const { pipelineId, events, epoch, replicaId = this.#replicaId } = parsed.data
    return this.#ports.admission.push({
      actorId: this.person.actorId,
      replicaId,
      pipelineId,
      events,
      ...(epoch !== undefined && { epoch }),
      throttle: () => this.#bucket.take(),
    })
  }

  close(raw: unknown): CloseAnswer {
    const parsed = closeSchema.safeParse(raw)
    if (!parsed.success) return { ok: false, ...malformedMessage('close') }
    this.#unfollow(parsed.data.pipelineId)
    return { ok: true }
  }

  /** Shows where the person is, to those who have the same pipeline open; anything else is dropped. */
  presence(raw: unknown): void {
    const parsed = presenceSchema.safeParse(raw)
    if (!parsed.success || !this.#followed.has(parsed.data.pipelineId)) return
    const { pipelineId, ...shown } = parsed.data
    this.#ports.presence.show(pipelineId, this.#connection.id, this.#member(shown))
  }

  /** Ends what a person may no longer see, and says what they may now do with the rest. */
  roleChanged(teamId: TeamId, role: Role | null): void {
    this.#changedRoles.set(teamId, role)
    for (const [pipelineId, followed] of this.#followed) {
      if (followed.teamId === teamId) this.#sendRole(pipelineId, role)
    }
  }

  #sendRole(pipelineId: PipelineId, role: Role | null): void {
    if (role !== null) return this.#connection.sendRole({ pipelineId, role })
    this.#unfollow(pipelineId)
    const reason = 'You are no longer a member of this team.'
    this.#connection.sendRevoked({ pipelineId, reason })
  }

  end(): void {
    for (const pipelineId of [...this.#followed.keys()]) this.#unfollow(pipelineId)
  }

  #follow(pipelineId: PipelineId, teamId: TeamId, after: Revision): void {
    // Another open of it may have been answered meanwhile, or the role be another than was told.
    this.#unfollow(pipelineId)
    const changed = this.#changedRoles.get(teamId)
    if (changed !== undefined) this.#sendRole(pipelineId, changed)
    if (changed === null) return
    const streamId = pipelineStream(pipelineId)
    const { tail, batchSize, presence } = this.#ports
    const subscription = followStream(tail, streamId, after, batchSize, async (events) => {
      const head = events.at(-1)!.revision
      const ours = events.filter(isStoredPipelineEvent)
      this.#connection.sendEvents({ pipelineId, events: ours, head })
      await this.#connection.drained()
    })
    this.#followed.set(pipelineId, { teamId, subscription })
    presence.show(pipelineId, this.#connection.id, this.#member({}))
  }

  #unfollow(pipelineId: PipelineId): void {
    this.#followed.get(pipelineId)?.subscription.unsubscribe()
    if (this.#followed.delete(pipelineId))
      this.#ports.presence.hide(pipelineId, this.#connection.id)
  }

  #member<T extends object>(shown: T) {
    const { actorId, name } = this.person
    return { connectionId: this.#connection.id, actorId, name, ...shown }
  }

  /** Whether the device's last event is ours: a server restored from a backup may lack it. */
  async #isOurHistory({ pipelineId, after, hash }: OpenMessage, head: Revision): Promise<boolean> {
    if (after > head) return false
    if (after === 0 || hash === undefined) return true
    const range = { after: (after - 1) as Revision, limit: 1 }
    const [stored] = await this.#ports.log.readStream(pipelineStream(pipelineId), range)
    return stored?.hash === hash
  }
}

const OTHER_HISTORY = refusal('other-history', 'The server has another history of this pipeline.')

const malformedMessage = (kind: string): Refusal =>
  refusal('malformed', `The ${kind} message does not have the form of the protocol.`)

export function nothingPushed(refused: Refusal): PushAnswer {
  return {
    ok: false,
    at: 0,
    accepted: 0,
    duplicates: 0,
    head: 0 as Revision,
    vector: {},
    ...refused,
  }
}
