/** What an undo did not touch, as one sentence. */
import { fieldOf, thingsOf, type PipelineState } from '../../domain/pipeline/state.ts'
import type { LeftAlone } from '../../domain/pipeline/undo.ts'
import { counted, listed } from './counted.ts'
import { fieldLabel } from './field-label.ts'
import { shortened } from './value-words.ts'

const MOST_NAMED = 2

/** "Somebody else changed Timeout of Fetch orders since, so it stays." Empty list: empty text. */
export function leftAloneWords(left: readonly LeftAlone[], state: PipelineState): string {
  if (left.length === 0) return ''
  const names = [...new Set(left.map((one) => nameOfLeft(one, state)))]
  const named = names.slice(0, MOST_NAMED)
  const more = names.length - named.length
  const all = more > 0 ? [...named, counted(more, 'more', 'more')] : named
  return `Somebody else changed ${listed(all)} since, so ${names.length > 1 ? 'they stay' : 'it stays'}.`
}

function nameOfLeft({ thing, field }: LeftAlone, state: PipelineState): string {
  const name = nameOfThing(thing, state)
  return field === undefined || field === 'placement' ? name : `${fieldLabel(field)} of ${name}`
}

function nameOfThing({ kind, id }: LeftAlone['thing'], state: PipelineState): string {
  if (kind === 'pipeline') return 'the pipeline'
  if (kind === 'connection') return connectionName(id, state)
  const thing = thingsOf(state, kind).get(id)
  const field = kind === 'step' ? 'name' : kind === 'note' ? 'text' : 'body'
  const name = thing ? shortened(fieldOf(thing, field, ''), 32) : ''
  return name || `a ${kind}`
}

function connectionName(key: string, state: PipelineState): string {
  const ends = state.connections.get(key)?.ends
  if (!ends) return 'a connection'
  const nameOf = (id: string) => nameOfThing({ kind: 'step', id }, state)
  return `the connection from ${nameOf(ends.from.stepId)} to ${nameOf(ends.to.stepId)}`
}
