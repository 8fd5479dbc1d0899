/** Puts together what a person should know of an import. */
import { cleanText } from './clean-json.ts'
import { quoted } from './cut-text.ts'
import { importLimits } from './import-limits.ts'
import type {
  CredentialReference,
  ImportedPipeline,
  ImportReport,
  SecretFinding,
} from './imported-pipeline.ts'
import { isRecord } from './json-record.ts'
import type { N8nConnections } from './n8n-connections.ts'
import type { N8nNode, N8nNodes } from './n8n-nodes.ts'
import type { Placements } from './n8n-placements.ts'
import { findSecrets } from './secret-scan.ts'
import { namesOf, type UnmappedParts } from './unmapped-parts.ts'

export interface Findings {
  readonly nodes: N8nNodes
  readonly read: N8nConnections
  readonly cycles: number
  readonly placements: Placements
  /** Names of the workflows in the file that were not imported. */
  readonly otherNames: readonly string[]
  readonly unmapped: UnmappedParts
}

export function reportOf(pipeline: ImportedPipeline, findings: Findings): ImportReport {
  const { nodes, read, cycles, placements, otherNames, unmapped } = findings
  const warnings: string[] = []
  const first = <T>(list: readonly T[], named: string, leftOut = 0): T[] => {
    const more = leftOut + Math.max(0, list.length - importLimits.reportEntries)
    if (more > 0) warnings.push(`This report leaves out ${more} more ${named}.`)
    return list.slice(0, importLimits.reportEntries)
  }
  const lists = {
    unmapped: first(unmapped.list(), 'parts that did not come over as is', unmapped.leftOut),
    dangling: first(read.dangling, 'connections that lead to nothing'),
    credentials: first(credentialsOf(pipeline), 'credentials'),
    secrets: first(secretsOf(pipeline), 'texts that look like secrets'),
  }
  warnings.push(
    ...aboutOthers(otherNames),
    ...aboutPlacements(placements),
    ...first(aboutNames(nodes.steps), 'names that were made unique'),
    ...aboutSecrecy(lists.credentials.length, lists.secrets.length),
  )
  return {
    steps: pipeline.steps.length,
    connections: pipeline.connections.length,
    notes: pipeline.notes.length,
    cycles,
    needsLayout: placements.needsLayout,
    ...lists,
    warnings,
  }
}

function aboutOthers(names: readonly string[]): string[] {
  if (names.length === 0) return []
  const shown = names.slice(0, 3).map((name) => quoted(cleanText(name)))
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return [
    `The file holds ${names.length + 1} workflows and the first was imported. ` +
      `Import the others from files of their own: ${shown.join(', ')}${more}.`,
  ]
}

function aboutPlacements({ needsLayout, madeUp }: Placements): string[] {
  const sentences: string[] = []
  if (needsLayout) {
    sentences.push('The file places its steps nowhere: they were put in columns.')
  }
  if (madeUp > 0) {
    const what = madeUp === 1 ? 'One step or note' : `${madeUp} steps or notes`
    sentences.push(`${what} had no place on the canvas: look for them below the others.`)
  }
  return sentences
}

function aboutNames(steps: readonly N8nNode[]): string[] {
  const counts = new Map<string, number>()
  for (const { name, givenName } of steps) {
    if (name !== givenName) counts.set(givenName, (counts.get(givenName) ?? 1) + 1)
  }
  return [...counts].map(
    ([name, count]) =>
      `${count} steps are called ${quoted(name)}: connections by that name belong to the first, ` +
      'the others were renamed.',
  )
}

function aboutSecrecy(credentials: number, secrets: number): string[] {
  const sentences: string[] = []
  if (credentials > 0) {
    sentences.push('Credentials came over by name only. Map each to one of your own.')
  }
  if (secrets > 0) {
    sentences.push(
      'Some texts look like secrets, and what is imported stays in the history for good. ' +
        'Renew these secrets, or take them out of the file and import it again.',
    )
  }
  return sentences
}

function credentialsOf({ steps }: ImportedPipeline): CredentialReference[] {
  const found = new Map<string, { type: string; name: string | null; steps: Set<string> }>()
  for (const step of steps) {
    const n8n = isRecord(step.foreign) ? step.foreign['n8n'] : null
    const credentials = isRecord(n8n) ? n8n['credentials'] : null
    if (!isRecord(credentials)) continue
    for (const [type, given] of Object.entries(credentials)) {
      const name = typeof given === 'string' ? given : null
      const key = JSON.stringify([type, name])
      const reference = found.get(key) ?? { type, name, steps: new Set() }
      reference.steps.add(step.name)
      found.set(key, reference)
    }
  }
  return [...found.values()].map(({ type, name, steps: names }) => ({
    type,
    name,
    where: namesOf(names),
  }))
}

function secretsOf({ steps, notes, foreign, description }: ImportedPipeline): SecretFinding[] {
  const parts = [
    ...steps.map((step) => ({
      where: quoted(step.name),
      value: { config: step.config, foreign: step.foreign ?? null },
    })),
    ...notes.map((note) => ({ where: 'a note', value: { text: note.text } })),
    { where: 'the workflow', value: { description: description ?? '', foreign: foreign ?? null } },
  ]
  return parts.flatMap(({ where, value }) =>
    findSecrets(value).map(({ path, looksLike }) => ({
      where: `${where}, ${quoted(path)}`,
      looksLike,
    })),
  )
}
