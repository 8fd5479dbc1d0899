/** What the canvas is given and what it asks for, in the words of the domain. */
import type {
  ConnectionEnds,
  Endpoint,
  Placement,
  Size,
} from '../../domain/events/pipeline-events.ts'
import type { CanvasItem } from '../../domain/pipeline/commands.ts'
import type { ConnectionView, NoteView, StepView } from '../../domain/pipeline/view.ts'

/** What is selected; its parts are what a `Remove` command takes. */
export interface CanvasSelection {
  readonly items: readonly CanvasItem[]
  readonly connections: readonly ConnectionEnds[]
}

export const NOTHING_SELECTED: CanvasSelection = { items: [], connections: [] }

/** A step or a note that was put somewhere else. */
export type CanvasMove = CanvasItem & { readonly placement: Placement }

/** Why something is outlined: a difference (`removed` draws a ghost), a search result. */
export type Highlight = 'added' | 'changed' | 'removed' | 'found'

/** Somebody else on this canvas. `cursor` is in canvas coordinates. */
export interface CanvasPresence {
  readonly connectionId: string
  readonly name: string
  /** A CSS colour under which white text is readable. */
  readonly colour: string
  readonly cursor?: Placement | null | undefined
  /** Ids of steps and notes. */
  readonly selection?: readonly string[] | undefined
  /** `<stepId>/<field>`: the field that they have open. */
  readonly editing?: string | null | undefined
}

/** Says why a wire may not be connected so, as a sentence; null where it may. */
export type CanConnect = (ends: ConnectionEnds) => string | null

/** A wire that was let go over empty canvas: its one end, and where a step for the other would go. */
export interface DroppedWire {
  readonly from?: Endpoint
  readonly to?: Endpoint
  readonly placement: Placement
}

export interface CanvasProps {
  readonly steps: readonly StepView[]
  readonly connections: readonly ConnectionView[]
  readonly notes?: readonly NoteView[]
  readonly selection?: CanvasSelection
  readonly readOnly?: boolean
  /** Open conflicts by step id. */
  readonly conflictCounts?: ReadonlyMap<string, number>
  /** Steps and notes with edits that the server does not have yet. */
  readonly pendingIds?: ReadonlySet<string>
  readonly presence?: readonly CanvasPresence[]
  /** By step id, note id or connection key. */
  readonly highlighted?: ReadonlyMap<string, Highlight>
  readonly canConnect?: CanConnect
  /** What a screen reader calls the canvas. */
  readonly label?: string
}

/** Every gesture of a person, once it is complete. The canvas changes nothing by itself. */
export interface CanvasIntents {
  move: [moves: readonly CanvasMove[]]
  connect: [ends: ConnectionEnds]
  disconnect: [connections: readonly ConnectionEnds[]]
  remove: [selection: CanvasSelection]
  select: [selection: CanvasSelection]
  add: [step: { readonly kind: string; readonly placement: Placement }]
  'drop-wire': [wire: DroppedWire]
  'open-inspector': [stepId: string]
  /** `was` is what stood there when the editing began: somebody may have changed it since. */
  rename: [step: { readonly stepId: string; readonly name: string; readonly was: string }]
  'edit-note': [note: { readonly noteId: string; readonly text: string; readonly was: string }]
  'resize-note': [note: { readonly noteId: string; readonly size: Size }]
  /** A suspended connection's path is shown on the canvas, or with null no longer. */
  'show-path': [connection: ConnectionView | null]
  /** Where the pointer is, in canvas coordinates, at most 20 times a second; null: it has left. */
  cursor: [placement: Placement | null]
  tidy: []
}

/** What the page can ask of the canvas, through a template ref. */
export interface CanvasHandle {
  /** Brings everything into view, or some steps. */
  fitView(stepIds?: readonly string[]): void
  /** Brings a step or a note to the middle; false: it is not on this canvas. */
  centreOn(id: string): boolean
  zoomIn(): void
  zoomOut(): void
  /** The middle of what is seen, in canvas coordinates: where a new step goes. */
  viewportCentre(): Placement
  /** Starts editing in place. */
  editName(stepId: string): void
  editNote(noteId: string): void
  /** Gives the focus to a step's or a note's card, else to the canvas. */
  focus(id?: string): void
}
