/**
 * What becomes of a field while somebody types in it and others write to it.
 *
 * The person's text is a draft until they leave the field. A write that arrives meanwhile is never
 * overwritten in silence: the draft is then challenged, and stays on show until the person chooses.
 */
import type { Stamp } from '../../../domain/events/event.ts'
import { sameJson, type JsonValue } from '../../../domain/json.ts'
import type { Register, Write } from '../../../domain/pipeline/register.ts'
import { shownValue } from '../../../domain/pipeline/register.ts'

export interface FieldDraft<Text = string> {
  /** What the person has entered so far. */
  readonly text: Text
  /** What stood in the field when they began. */
  readonly base: Register
  /** A write by somebody else that arrived since, of a value other than the one they began from. */
  readonly theirs: Write | null
}

const NEVER_WRITTEN: Register = []

export function beginDraft<Text>(register: Register | undefined, text: Text): FieldDraft<Text> {
  return { text, base: register ?? NEVER_WRITTEN, theirs: null }
}

/** The draft after a look at what stands in the field now. */
export function meetWrites<Text>(
  draft: FieldDraft<Text>,
  register: Register | undefined,
): FieldDraft<Text> {
  const now = register ?? NEVER_WRITTEN
  const began = shownValue(draft.base)
  const arrived = now.filter((write) => !draft.base.some((held) => sameStamp(held, write)))
  // The register is sorted greatest first, so the first that differs is the one most worth asking.
  const theirs = arrived.find((write) => !sameJson(write.value, began)) ?? null
  if (theirs === null && draft.theirs === null) return draft
  if (theirs && draft.theirs && sameStamp(theirs, draft.theirs)) return draft
  return { ...draft, theirs }
}

export type Commit =
  /** The draft says what stands there already: there is nothing to write. */
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'write'; readonly value: JsonValue | undefined }
  /** Somebody else wrote here meanwhile: the person has to choose. */
  | { readonly outcome: 'choose'; readonly theirs: Write }

/** What leaving the field comes to, for a draft that reads as `value`. */
export function commitDraft(draft: FieldDraft<unknown>, value: JsonValue | undefined): Commit {
  if (sameJson(value, shownValue(draft.base))) return { outcome: 'unchanged' }
  if (draft.theirs && !sameJson(draft.theirs.value, value)) {
    return { outcome: 'choose', theirs: draft.theirs }
  }
  return { outcome: 'write', value }
}

function sameStamp(a: { stamp: Stamp }, b: { stamp: Stamp }): boolean {
  return a.stamp.replicaId === b.stamp.replicaId && a.stamp.seq === b.stamp.seq
}
