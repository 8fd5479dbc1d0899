import type { Rejection, RejectionCode } from '../../domain/pipeline/commands.ts'

/** A refused gesture, for reasons that lie outside the domain. */
export function rejectionOf(
  code: RejectionCode,
  message: string,
): { readonly ok: false; readonly rejection: Rejection } {
  return { ok: false, rejection: { code, message } }
}
