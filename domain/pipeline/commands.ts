/** What a person asks for, in the imperative; `decide` turns it into events or says why not. */
import type {
  ConnectionEnds,
  GraphRule,
  PipelineChange,
  Placement,
  Size,
} from '../events/pipeline-events.ts'
import type { CommentId, NoteId, StepId, TeamId, VersionId } from '../ids.ts'
import type { JsonValue } from '../json.ts'
import type { FieldName, ThingKind } from './effects.ts'

export interface NewStep {
  readonly stepId: StepId
  readonly kind: string
  readonly name: string
  readonly placement: Placement
  readonly config?: Readonly<Record<string, JsonValue>>
  readonly enabled?: boolean
  readonly foreign?: JsonValue
}

/** Something that lies on the canvas and can be selected, moved and removed. */
export type CanvasItem = { readonly stepId: StepId } | { readonly noteId: NoteId }

export type Command =
  | {
      readonly type: 'CreatePipeline'
      readonly name: string
      readonly teamId: TeamId
      readonly description?: string
      readonly graphRule?: GraphRule
    }
  | { readonly type: 'RenamePipeline'; readonly name: string }
  | { readonly type: 'DescribePipeline'; readonly description: string }
  | { readonly type: 'SetGraphRule'; readonly graphRule: GraphRule }
  | { readonly type: 'ArchivePipeline' }
  | { readonly type: 'UnarchivePipeline' }
  | ({ readonly type: 'AddStep' } & NewStep)
  | {
      readonly type: 'Move'
      readonly moves: readonly (CanvasItem & { readonly placement: Placement })[]
    }
  | { readonly type: 'RenameStep'; readonly stepId: StepId; readonly name: string }
  | {
      readonly type: 'ConfigureStep'
      readonly stepId: StepId
      readonly key: string
      readonly value: JsonValue
    }
  | { readonly type: 'ClearStepConfig'; readonly stepId: StepId; readonly key: string }
  | {
      readonly type: 'SetStepsEnabled'
      readonly stepIds: readonly StepId[]
      readonly enabled: boolean
    }
  | {
      /** Removes what is selected, connections first. */
      readonly type: 'Remove'
      readonly items: readonly CanvasItem[]
      readonly connections?: readonly ConnectionEnds[]
    }
  | { readonly type: 'Restore'; readonly item: CanvasItem | { readonly commentId: CommentId } }
  | ({ readonly type: 'Connect' } & ConnectionEnds)
  | ({ readonly type: 'Disconnect' } & ConnectionEnds)
  | {
      readonly type: 'AddNote'
      readonly noteId: NoteId
      readonly text: string
      readonly placement: Placement
      readonly size: Size
    }
  | { readonly type: 'EditNote'; readonly noteId: NoteId; readonly text: string }
  | { readonly type: 'ResizeNote'; readonly noteId: NoteId; readonly size: Size }
  | {
      readonly type: 'AddComment'
      readonly commentId: CommentId
      readonly body: string
      readonly stepId?: StepId
      readonly replyTo?: CommentId
    }
  | { readonly type: 'EditComment'; readonly commentId: CommentId; readonly body: string }
  | { readonly type: 'ResolveComment'; readonly commentId: CommentId; readonly resolved: boolean }
  | { readonly type: 'RemoveComment'; readonly commentId: CommentId }
  | {
      readonly type: 'TagVersion'
      readonly versionId: VersionId
      readonly label: string
      readonly note?: string
    }
  | {
      /** Settles a field conflict: writes one of its values again, having seen them all. */
      readonly type: 'ChooseValue'
      readonly thing: { readonly kind: ThingKind; readonly id: string }
      readonly field: FieldName
      /** Undefined chooses `absent`. */
      readonly value: JsonValue | undefined
    }
  | {
      /** Settles an edited-while-removed conflict by removing the thing again, having seen the edit. */
      readonly type: 'RemoveAgain'
      readonly thing: { readonly kind: 'step' | 'note' | 'comment'; readonly id: string }
    }
  | {
      /** Changes that were put together elsewhere, by an import, a paste or an undo. */
      readonly type: 'Apply'
      readonly changes: readonly PipelineChange[]
    }

export type RejectionCode =
  | 'exists-already'
  | 'not-there'
  | 'archived'
  | 'would-close-cycle'
  | 'empty'
  | 'invalid'
  | 'not-yours'
  | 'no-change'
  | 'read-only'

/** A command refused: a code for programs, a sentence for people. */
export interface Rejection {
  readonly code: RejectionCode
  readonly message: string
  /** would-close-cycle: the path that stands in the way. */
  readonly path?: readonly ConnectionEnds[]
}
