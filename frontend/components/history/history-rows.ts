/** The rows of the history list: gestures, newest first, each opened out where it was asked for. */
import type { HistoryGroup } from '../../words/history-sentence.ts'
import type { HistoryItem } from '../../replica/replica.ts'

export type HistoryRow =
  | {
      readonly type: 'gesture'
      readonly key: string
      readonly group: HistoryGroup
      readonly isOpen: boolean
    }
  | { readonly type: 'edit'; readonly key: string; readonly entry: HistoryItem }

export interface HistoryFilter {
  /** Every word of it has to be in a gesture's text. */
  readonly search: string
  /** Only gestures that touched this step. */
  readonly stepId: string | null
  readonly opened: ReadonlySet<string>
  /** What a gesture says, with the person's name. */
  readonly textOf: (group: HistoryGroup) => string
}

export function historyRows(
  groups: readonly HistoryGroup[],
  { search, stepId, opened, textOf }: HistoryFilter,
): readonly HistoryRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const rows: HistoryRow[] = []
  for (const group of groups.toReversed()) {
    if (stepId !== null && !group.entries.some((entry) => isAbout(entry, stepId))) continue
    if (words.length > 0) {
      const text = textOf(group).toLowerCase()
      if (!words.every((word) => text.includes(word))) continue
    }
    const isOpen = group.entries.length > 1 && opened.has(group.intentId)
    rows.push({ type: 'gesture', key: group.intentId, group, isOpen })
    if (!isOpen) continue
    for (const entry of group.entries.toReversed()) {
      rows.push({ type: 'edit', key: entry.event.id, entry })
    }
  }
  return rows
}

/** Whether an edit is about a step, or connects it. */
function isAbout({ subject }: HistoryItem, stepId: string): boolean {
  return subject.id === stepId || (subject.kind === 'connection' && subject.id.includes(stepId))
}
