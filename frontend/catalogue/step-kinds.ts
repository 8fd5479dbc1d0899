/** Every kind of step the editor knows, and a stand-in for those that it does not. */
import { Puzzle } from '@lucide/vue'
import { textOf } from './config-text.ts'
import { FLOW_KINDS } from './kinds-flow.ts'
import { MODEL_KINDS } from './kinds-models.ts'
import { START_KINDS } from './kinds-start.ts'
import { WORK_KINDS } from './kinds-work.ts'
import { flowing, type KindGroup, type StepKind } from './step-kind.ts'
import { words } from './words.ts'

/** What the palette offers, in its order. */
export const KIND_GROUPS: readonly KindGroup[] = [START_KINDS, WORK_KINDS, FLOW_KINDS, MODEL_KINDS]

/** What an import could not map, and what a newer editor made: kept, drawn, and not offered. */
const OTHER = flowing({
  id: 'foreign',
  title: 'Imported step',
  description: 'Kept as it was imported',
  icon: Puzzle,
  colour: 'grey',
  summary: (config) => textOf(config, 'operation', 'resource', 'mode', 'url', 'path', 'topic'),
})

const KINDS = new Map(KIND_GROUPS.flatMap(({ kinds }) => kinds.map((kind) => [kind.id, kind])))

export function isKnownKind(id: string): boolean {
  return KINDS.has(id)
}

/** What there is to know about a kind; one that is not known has its own id for a title. */
export function stepKind(id: string): StepKind {
  return (
    KINDS.get(id) ??
    (id.startsWith(OTHER.id) ? OTHER : { ...OTHER, id, title: words(id) || 'Step' })
  )
}
