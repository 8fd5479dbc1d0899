/**
 * History as sentences: what one edit did, and what one gesture of many edits did.
 *
 * A sentence starts with the verb; who did it stands beside it as a picture and a name.
 */
import { hlcMs } from '../../domain/clock/hlc.ts'
import type { HistoryEntry } from '../../domain/pipeline/history.ts'
import type { JsonValue } from '../../domain/json.ts'
import type { HistoryItem } from '../replica/replica.ts'
import { counted, listed } from './counted.ts'
import type { Sentence, SentencePart } from './sentence.ts'
import { durationWords } from './when.ts'
import { shortened, valueWords } from './value-words.ts'

/** Says what a field is called: a step's config keys have labels that depend on its kind. */
export type FieldLabelOf = (subject: HistoryEntry['subject'], field: string) => string

const plain = (text: string): SentencePart => ({ text })
const name = (text: string): SentencePart => ({ text: shortened(text, 48), as: 'name' })
const LONGEST_VALUE = 40

/** What one edit did, from "Added" on: "Changed Timeout of Fetch orders from 30 to 60". */
export function editSentence(entry: HistoryEntry, labelOf: FieldLabelOf): Sentence {
  const { verb, subject } = entry
  if (verb === 'unknown') return [plain('Made an edit that this version does not know')]
  if (verb === 'tagged') return [plain('Tagged '), name(entry.name)]
  if (verb === 'created') return [plain('Created '), name(entry.name || 'the pipeline')]
  if (subject.kind === 'connection') return connectionSentence(entry)
  if (verb === 'added' && subject.kind === 'comment') return [plain('Commented '), name(entry.name)]
  if (verb !== 'changed') {
    // A note may be empty: then it is "a note", and not "the note a note".
    if (!entry.name.trim()) return [plain(`${capital(verb)} ${titleOf(entry)}`)]
    return [plain(`${capital(verb)} ${article(entry)}`), name(titleOf(entry))]
  }
  return changedSentence(entry, labelOf)
}

/** The history names a connection "A to B"; where a step's own name holds " to ", it stays whole. */
function connectionSentence({ verb, name: ends }: HistoryEntry): Sentence {
  const names = ends.split(' to ')
  const [from = '', to = ''] = names
  if (names.length !== 2) {
    return [plain(verb === 'connected' ? 'Connected ' : 'Disconnected '), name(ends)]
  }
  return verb === 'connected'
    ? [plain('Connected '), name(from), plain(' to '), name(to)]
    : [plain('Disconnected '), name(from), plain(' from '), name(to)]
}

function changedSentence(entry: HistoryEntry, labelOf: FieldLabelOf): Sentence {
  const change = entry.changes[0]
  if (!change) return [plain('Changed '), name(titleOf(entry))]
  const { field, from, to } = change
  const whole = wholeFieldSentence(entry, field, from, to)
  if (whole) return whole
  const label = labelOf(entry.subject, field)
  const of = entry.subject.kind === 'pipeline' ? [] : [plain(' of '), name(titleOf(entry))]
  const value = (value: JsonValue | undefined, as: 'old' | 'new'): SentencePart => ({
    text: valueWords(value, LONGEST_VALUE),
    as,
  })
  if (to === undefined) {
    const was = from === undefined ? [] : [plain(', it was '), value(from, 'old')]
    return [plain('Cleared '), name(label), ...of, ...was]
  }
  if (from === undefined || from === '') {
    return [plain('Set '), name(label), ...of, plain(' to '), value(to, 'new')]
  }
  const values = [plain(' from '), value(from, 'old'), plain(' to '), value(to, 'new')]
  return [plain('Changed '), name(label), ...of, ...values]
}

/** Fields that have a verb of their own. */
function wholeFieldSentence(
  entry: HistoryEntry,
  field: string,
  from: JsonValue | undefined,
  to: JsonValue | undefined,
): Sentence | null {
  const it = name(titleOf(entry))
  switch (`${entry.subject.kind}/${field}`) {
    case 'pipeline/name':
    case 'step/name':
      return [plain('Renamed '), name(textOf(from) || 'it'), plain(' to '), name(textOf(to))]
    case 'step/placement':
    case 'note/placement':
      return [plain('Moved '), it]
    case 'note/size':
      return [plain('Resized '), it]
    case 'note/text':
      return textOf(to) || entry.name.trim()
        ? [plain('Edited the note '), name(textOf(to) || titleOf(entry))]
        : [plain('Emptied a note')]
    case 'comment/body':
      return [plain('Edited the comment '), name(textOf(to))]
    case 'step/enabled':
      return [plain(to === false ? 'Disabled ' : 'Enabled '), it]
    case 'comment/resolved':
      return [plain(to === true ? 'Resolved ' : 'Reopened '), it]
    case 'pipeline/archived':
      return [plain(to === true ? 'Archived the pipeline' : 'Unarchived the pipeline')]
    case 'pipeline/description':
      return [plain('Changed the description')]
    case 'pipeline/graphRule':
      return [plain(to === 'free' ? 'Allowed cycles' : 'Ruled out cycles')]
    default:
      return null
  }
}

/** All edits of one gesture. */
export interface HistoryGroup {
  readonly intentId: string
  /** In the order of the history. */
  readonly entries: readonly HistoryItem[]
}

/** Gathers edits by gesture; a gesture stands where its last edit does. */
export function groupByGesture(entries: readonly HistoryItem[]): HistoryGroup[] {
  const groups = new Map<string, HistoryItem[]>()
  for (const entry of entries) {
    const { intentId } = entry.event
    const group = groups.get(intentId) ?? []
    group.push(entry)
    groups.delete(intentId)
    groups.set(intentId, group)
  }
  return [...groups].map(([intentId, group]) => ({ intentId, entries: group }))
}

/** What one gesture did: its only edit in full, or "Moved 12 steps", "Added 2 steps and 1 note". */
export function groupSentence(group: HistoryGroup, labelOf: FieldLabelOf): Sentence {
  const [first] = group.entries
  if (group.entries.length === 1 && first) return editSentence(first, labelOf)
  const created = group.entries.find(({ verb }) => verb === 'created')
  const tallies = tally(group.entries.filter((entry) => entry !== created))
  const said = [...tallies].map(([verb, nouns]) => ({ verb, what: countNouns(nouns) }))
  if (created) {
    const added = said.find(({ verb }) => verb === 'Added')?.what
    const whole = [plain('Created '), name(created.name)]
    return added ? [...whole, plain(' with '), name(added)] : whole
  }
  return said.flatMap(({ verb, what }, index) => [
    plain(index === 0 ? `${verb} ` : `, ${verb.toLowerCase()} `),
    name(what),
  ])
}

type Tallies = Map<string, Map<string, Map<string, string>>>

/** Verb -> noun -> the ids of what it was done to, with their names. */
function tally(entries: readonly HistoryItem[]): Tallies {
  const tallies: Tallies = new Map()
  for (const entry of entries) {
    const [verb, noun] = verbAndNoun(entry)
    const nouns = tallies.get(verb) ?? new Map<string, Map<string, string>>()
    const things = nouns.get(noun) ?? new Map<string, string>()
    const id =
      noun === 'setting' ? `${entry.subject.id}/${entry.changes[0]?.field}` : entry.subject.id
    tallies.set(verb, nouns.set(noun, things.set(id, titleOf(entry))))
  }
  return tallies
}

function verbAndNoun(entry: HistoryItem): [verb: string, noun: string] {
  const { verb, subject } = entry
  if (subject.kind === 'connection') {
    return [verb === 'connected' ? 'Added' : 'Removed', 'connection']
  }
  if (verb !== 'changed') return [capital(verb), subject.kind]
  const field = entry.changes[0]?.field ?? ''
  if (field === 'placement') return ['Moved', subject.kind]
  if (field === 'size') return ['Resized', subject.kind]
  if (field === 'name') return ['Renamed', subject.kind]
  if (field === 'enabled') {
    return [entry.changes[0]?.to === false ? 'Disabled' : 'Enabled', subject.kind]
  }
  return ['Changed', subject.kind === 'step' ? 'setting' : subject.kind]
}

function countNouns(nouns: ReadonlyMap<string, ReadonlyMap<string, string>>): string {
  const parts = [...nouns].map(([noun, things]) => {
    const [only] = things.values()
    if (things.size === 1 && only && nouns.size === 1 && noun !== 'setting') return only
    return counted(things.size, noun)
  })
  const settings = nouns.get('setting')
  const owners = new Set(settings?.values())
  return owners.size === 1 && nouns.size === 1
    ? `${listed(parts)} of ${[...owners][0]}`
    : listed(parts)
}

/** Edits that reached the server later than this were made offline. */
const OFFLINE_AFTER_MS = 60_000

/** "made offline, synced 3 h later", or null for an edit that reached the server at once. */
export function offlineMark(entry: HistoryItem): string | null {
  if (entry.recordedAt === undefined) return null
  const delay = Date.parse(entry.recordedAt) - hlcMs(entry.event.hlc)
  return delay >= OFFLINE_AFTER_MS ? `made offline, synced ${durationWords(delay)} later` : null
}

function titleOf({ name, subject }: HistoryEntry): string {
  if (name.trim()) return name
  return subject.kind === 'pipeline' ? 'the pipeline' : `a ${subject.kind}`
}

function article({ subject }: HistoryEntry): string {
  return subject.kind === 'note' || subject.kind === 'comment' ? `the ${subject.kind} ` : ''
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : valueWords(value)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
