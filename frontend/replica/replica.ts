/** What the rest of the editor knows of the device's copy: open pipelines, pending edits, status. */
import type { PipelineEvent } from '../../domain/events/event.ts'
import type { CommentId, IntentId, PipelineId, Revision, TeamId } from '../../domain/ids.ts'
import type { ImportedPipeline } from '../../domain/formats/imported-pipeline.ts'
import type { Command, Rejection } from '../../domain/pipeline/commands.ts'
import type { HistoryEntry } from '../../domain/pipeline/history.ts'
import type { PipelineState } from '../../domain/pipeline/state.ts'
import type { LeftAlone } from '../../domain/pipeline/undo.ts'
import type { PresentMember } from '../../domain/protocol/messages.ts'
import type { Role } from '../../domain/team/roles.ts'

/** Where this device stands with the server; the words of the status pill follow from it. */
export interface SyncStatus {
  readonly connection:
    | 'connected'
    | 'connecting'
    /** The browser says that there is no network. */
    | 'offline'
    /** The server does not answer. */
    | 'unreachable'
    /** The session has ended: pending edits wait for a sign-in. */
    | 'signed-out'
    /** The server speaks a newer protocol. */
    | 'upgrade-required'
  /** Gestures that the server has not acknowledged, over all pipelines; events in brackets. */
  readonly pendingGestures: number
  readonly pendingEvents: number
  /** Whether this tab or another is uploading right now. */
  readonly sending: boolean
  /** Refused edits that nobody has looked at yet. */
  readonly refusedGestures: number
  /** When the next attempt to connect is due, in milliseconds since 1970. */
  readonly nextRetryAt: number | null
  /** When everything was last acknowledged, in milliseconds since 1970. */
  readonly lastSyncedAt: number | null
  /** `durable`: IndexedDB; `memory`: it was refused, so nothing survives a reload; `failed`: full. */
  readonly storage: 'durable' | 'memory' | 'failed'
}

/** An edit that the server refused for good; its content is kept until the person dismisses it. */
export interface RefusedEdit {
  readonly event: PipelineEvent
  readonly code: string
  readonly message: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** An edit of the history; `recordedAt` (ISO 8601) is missing until the server has told it. */
export type HistoryItem = HistoryEntry & { readonly recordedAt?: string }

export type ExecuteResult =
  | { readonly ok: true; readonly intentId: IntentId }
  | { readonly ok: false; readonly rejection: Rejection }

export interface UndoResult {
  /** False where there was nothing to undo. */
  readonly done: boolean
  readonly leftAlone: readonly LeftAlone[]
}

export type PipelineStatus =
  | 'loading'
  | 'ready'
  /** Not on this device, and the server cannot be asked now. */
  | 'not-on-device'
  | 'not-found'
  /** Access was taken away while it was open. */
  | 'revoked'
  /** It holds events that this program does not know: reading only, until it is upgraded. */
  | 'upgrade-required'

/** A pipeline that is open in this tab. */
export interface OpenPipeline {
  readonly id: PipelineId
  readonly status: PipelineStatus
  /** Null while it is not known (offline before the first answer). */
  readonly role: Role | null
  /** Advanced in place; `subscribe` tells when. Things in it are replaced when they change. */
  readonly state: PipelineState
  /** The revision up to which the server's events are applied. */
  readonly revision: Revision
  /** Ids of the pending events of this pipeline. Advanced in place, like the state. */
  readonly pending: ReadonlySet<string>
  /** Ids of the steps and notes that those are about; the same set until one comes or goes. */
  readonly pendingThings: ReadonlySet<string>
  readonly members: readonly PresentMember[]
  readonly canUndo: boolean
  readonly canRedo: boolean
  /** Calls back after every change of any of the above. Returns what stops it. */
  subscribe(listener: () => void): () => void
  /** Decides one gesture, writes it to the device, and shows it. */
  execute(commands: readonly Command[]): Promise<ExecuteResult>
  undo(): Promise<UndoResult>
  redo(): Promise<UndoResult>
  /** The history that is on this device or can be fetched, oldest first, pending edits last. */
  history(): Promise<readonly HistoryItem[]>
  /** Tells the others where this person is; lost when offline. */
  showPresence(presence: {
    cursor?: { x: number; y: number } | null
    selection?: readonly string[]
    editing?: string | null
  }): void
  close(): void
}

/** A pipeline of the list, as far as this device knows it. */
export interface LocalPipeline {
  readonly id: PipelineId
  readonly name: string
  readonly teamId: TeamId | null
  readonly pendingGestures: number
  /** Whether it was made here and the server has not seen it yet. */
  readonly unsent: boolean
}

/** One signed-in person's copy on this device. */
export interface Replica {
  readonly status: SyncStatus
  onStatus(listener: (status: SyncStatus) => void): () => void
  open(id: PipelineId): OpenPipeline
  /** Makes a pipeline on this device; it is uploaded like every other edit. */
  create(name: string, teamId: TeamId): Promise<PipelineId>
  /** Makes a pipeline of an imported file, as one gesture. */
  createFrom(imported: ImportedPipeline, teamId: TeamId, name?: string): Promise<PipelineId>
  /** Pipelines that are on this device. */
  localPipelines(): Promise<readonly LocalPipeline[]>
  refusedEdits(): Promise<readonly RefusedEdit[]>
  dismissRefused(eventIds: readonly string[]): Promise<void>
  /** Everything that the server has not acknowledged, pipeline by pipeline, as JSON lines. */
  pendingBackup(): Promise<string>
  /** Tries to connect and to upload now. */
  retryNow(): void
  newStepId(): string
  newCommentId(): CommentId
  /** Ends connections and timers; keeps everything that is stored. */
  stop(): Promise<void>
}
