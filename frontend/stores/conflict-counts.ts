import type { Conflict } from '../../domain/pipeline/conflicts.ts'

/** Open conflicts by step id; a suspended connection counts for the step that it starts from. */
export function conflictCounts(conflicts: readonly Conflict[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const conflict of conflicts) {
    const stepId =
      conflict.kind === 'suspended-connection' ? conflict.connection.from.stepId : conflict.stepId
    if (stepId !== undefined) counts.set(stepId, (counts.get(stepId) ?? 0) + 1)
  }
  return counts
}
