/** What an importer makes of a file: a pipeline that is not stored yet, and a report for people. */
import type { ConnectionEnds, GraphRule, Placement, Size } from '../events/pipeline-events.ts'
import type { NoteId, StepId } from '../ids.ts'
import type { JsonValue } from '../json.ts'

export interface ImportedStep {
  readonly id: StepId
  readonly kind: string
  readonly name: string
  readonly placement: Placement
  readonly config: Readonly<Record<string, JsonValue>>
  readonly enabled: boolean
  /** What the file says of the step beyond the fields above, by format: an export gives it back. */
  readonly foreign?: JsonValue
}

export interface ImportedNote {
  readonly id: NoteId
  readonly text: string
  readonly placement: Placement
  readonly size: Size
  /** As for a step. No event carries it: it serves an export straight from an import. */
  readonly foreign?: JsonValue
}

/** Every part fits the schema and the size of its event: `changesOf` gives those. */
export interface ImportedPipeline {
  readonly name: string
  readonly description?: string
  /** `free` where the file's connections close a cycle. */
  readonly graphRule: GraphRule
  readonly steps: readonly ImportedStep[]
  readonly connections: readonly ConnectionEnds[]
  readonly notes: readonly ImportedNote[]
  /** Settings and the like of the whole file, by format. No event carries it. */
  readonly foreign?: JsonValue
}

/** A part of the file that did not come over as it was; each member is a short text for people. */
export interface UnmappedPart {
  readonly what: string
  readonly where: string
  readonly why: string
}

/** A connection of the file of which one end or both do not exist; named as the file names them. */
export interface DanglingReference {
  readonly from: string
  readonly fromPort: string
  readonly to: string
  readonly toPort: string
  readonly why: string
}

/** A credential that steps refer to; only its name came over, so it has to be mapped. */
export interface CredentialReference {
  readonly type: string
  readonly name: string | null
  /** Names of steps that refer to it, for people. */
  readonly where: string
}

/** A text that looks like a secret; the text itself is not repeated. */
export interface SecretFinding {
  readonly where: string
  readonly looksLike: string
}

/** Each list holds 1,000 entries at most; a warning says where more were found. */
export interface ImportReport {
  readonly steps: number
  readonly connections: number
  readonly notes: number
  /** Connections that close a cycle, when taken in the order of the file. */
  readonly cycles: number
  /** Placements were made up, column by column: the editor should lay the pipeline out. */
  readonly needsLayout: boolean
  readonly unmapped: readonly UnmappedPart[]
  readonly dangling: readonly DanglingReference[]
  readonly credentials: readonly CredentialReference[]
  readonly secrets: readonly SecretFinding[]
  /** What a person should look at after the import, a sentence each. */
  readonly warnings: readonly string[]
}

/**
 * - `unknown-format`: no format that this program knows;
 * - `no-importer`: a format that it recognises and cannot import yet;
 * - `malformed`: starts like JSON and does not parse;
 * - `too-large`: more bytes, steps, notes or connections than an import takes.
 */
export type ImportRefusalCode = 'unknown-format' | 'no-importer' | 'malformed' | 'too-large'

export interface ImportRefusal {
  readonly ok: false
  readonly code: ImportRefusalCode
  /** A sentence that says what to do. */
  readonly message: string
}

export type ImportResult =
  | { readonly ok: true; readonly pipeline: ImportedPipeline; readonly report: ImportReport }
  | ImportRefusal
