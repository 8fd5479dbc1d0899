import { isRecord } from './json-record.ts'

/** A workflow as a file holds it; nothing is known of its members yet. */
export interface N8nWorkflow {
  readonly workflow: Record<string, unknown> & { readonly nodes: readonly unknown[] }
  /** The workflow's name, or that of what it is wrapped in. */
  readonly name: string | null
}

/** Members under which n8n's own interfaces, and sites that collect workflows, wrap them. */
const WRAPPERS = ['workflow', 'workflows', 'data', 'workflowData']
const WRAPPED_AT_MOST = 3

/** The n8n workflows in a parsed file, in its order: one, a list of them, or wrapped ones. */
export function n8nWorkflowsIn(
  value: unknown,
  inherited: string | null = null,
  depth = 0,
): N8nWorkflow[] {
  if (Array.isArray(value)) {
    if (depth > WRAPPED_AT_MOST) return []
    return value.flatMap((item) => n8nWorkflowsIn(item, inherited, depth + 1))
  }
  if (!isRecord(value)) return []
  const own = value['name']
  const name = typeof own === 'string' && own.trim() !== '' ? own : inherited
  if (isWorkflow(value)) return [{ workflow: value, name }]
  if (depth > WRAPPED_AT_MOST) return []
  return WRAPPERS.flatMap((key) =>
    Object.hasOwn(value, key) ? n8nWorkflowsIn(value[key], name, depth + 1) : [],
  )
}

/** Other formats have nodes too: n8n's have connections beside them, or a package in their type. */
function isWorkflow(value: Record<string, unknown>): value is N8nWorkflow['workflow'] {
  const { nodes, connections } = value
  if (!Array.isArray(nodes)) return false
  return isRecord(connections) || nodes.some((node) => isRecord(node) && isN8nType(node['type']))
}

function isN8nType(type: unknown): boolean {
  return typeof type === 'string' && /^[^\s.]+\.[^\s.]+$/.test(type)
}
