import type { JsonValue } from '../../domain/json.ts'
import type { StepView } from '../../domain/pipeline/view.ts'
import { isKnownKind, stepKind } from './step-kinds.ts'
import { words } from './words.ts'

/** More than a card can show; keeps a long script out of the page. */
const SUMMARY_CHARACTERS = 80

/** The second line of a step's card: what its config says most, else what kind of step it is. */
export function summaryOf(step: Pick<StepView, 'kind' | 'name' | 'config' | 'foreign'>): string {
  const kind = stepKind(step.kind)
  const says = kind.summary(step.config)
  const was = foreignName(step.foreign)
  const line = isKnownKind(step.kind) ? says || was : [was, says].filter(Boolean).join(', ')
  if (line !== '' && line.toLowerCase() !== step.name.toLowerCase()) {
    return line.slice(0, SUMMARY_CHARACTERS)
  }
  return kind.title === step.name ? kind.description : kind.title
}

/** What an imported step was: "n8n-nodes-base.googleSheets" is "Google sheets". */
function foreignName(foreign: JsonValue | undefined): string {
  if (foreign === null || typeof foreign !== 'object') return ''
  for (const part of Object.values(foreign)) {
    if (part === null || typeof part !== 'object' || !Object.hasOwn(part, 'type')) continue
    const { type } = part as { type: JsonValue }
    if (typeof type === 'string') return words(type.slice(type.lastIndexOf('.') + 1))
  }
  return ''
}
