import type { OpenPipeline } from '../replica/replica.ts'

const NONE: ReadonlySet<string> = new Set()

/** Ids of steps and notes with edits that the server does not have, where the copy can tell. */
export function pendingThings(
  open: (OpenPipeline & { readonly pendingThings?: ReadonlySet<string> }) | null,
): ReadonlySet<string> {
  return open?.pendingThings ?? NONE
}
