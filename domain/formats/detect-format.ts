/** Tells what a text to import is, by what only files of that format have. */
import type { ImportRefusal } from './imported-pipeline.ts'
import { isRecord } from './json-record.ts'
import { n8nWorkflowsIn } from './n8n-workflow.ts'

export type PipelineFormat = 'n8n' | 'tributary' | 'node-red' | 'github-actions'

/** Some editors begin a text with it; no format counts it as part of the text. */
const BYTE_ORDER_MARK = /^\uFEFF/

/** The format of a text; null where it is none that this program knows. */
export function detectFormat(text: string): PipelineFormat | null {
  const parsed = parseJson(text)
  if (parsed !== undefined) return formatOfJson(parsed)
  return isActionsYaml(text.replace(BYTE_ORDER_MARK, '')) ? 'github-actions' : null
}

/** The value of a JSON text; undefined where it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(BYTE_ORDER_MARK, ''))
  } catch {
    return undefined
  }
}

/** As `detectFormat`, of a text that was parsed already. */
export function formatOfJson(value: unknown): PipelineFormat | null {
  if (isRecord(value) && isTributary(value['format'])) return 'tributary'
  if (n8nWorkflowsIn(value).length > 0) return 'n8n'
  if (isNodeRed(isRecord(value) ? value['flows'] : value)) return 'node-red'
  return isRecord(value) && isRecord(value['jobs']) && value['on'] != null ? 'github-actions' : null
}

/** Why there is no importer for this, and what to do instead. */
export function refuseFormat(format: Exclude<PipelineFormat, 'n8n'> | null): ImportRefusal {
  if (format === null) {
    const message = 'This is no pipeline of a known format. Import a workflow that n8n exported.'
    return { ok: false, code: 'unknown-format', message }
  }
  const name = {
    tributary: 'Tributary',
    'node-red': 'Node-RED',
    'github-actions': 'GitHub Actions',
  }
  const message = `This is a ${name[format]} file, which cannot be imported yet. n8n workflows can.`
  return { ok: false, code: 'no-importer', message }
}

function isTributary(format: unknown): boolean {
  return typeof format === 'string' && /^tributary(\/|$)/.test(format)
}

function isNodeRed(value: unknown): boolean {
  if (!Array.isArray(value)) return false
  return (
    value.every((node) => isRecord(node) && typeof node['type'] === 'string' && 'id' in node) &&
    value.some((node) => node['type'] === 'tab' || Array.isArray(node['wires']))
  )
}

function isActionsYaml(text: string): boolean {
  return /^jobs:\s*(#.*)?$/m.test(text) && /^(['"]?)on\1:/m.test(text)
}
