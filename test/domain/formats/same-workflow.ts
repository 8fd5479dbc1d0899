import { expect } from 'chai'

interface Workflow {
  readonly nodes: readonly Readonly<Record<string, unknown>>[]
  readonly connections: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>>
  readonly [member: string]: unknown
}

/**
 * A workflow in the one form in which two that mean the same are equal: defaults written out, no
 * test data, no ids of credentials, nodes and targets in the order of their texts.
 */
export function sameWorkflow(workflow: unknown): Workflow {
  expect(workflow).to.include.keys('nodes', 'connections')
  const { nodes, connections, pinData, staticData, ...rest } = workflow as Workflow
  void [pinData, staticData]
  return {
    ...rest,
    nodes: byText(nodes.map(sameNode)),
    connections: Object.fromEntries(
      Object.entries(connections)
        .map(([source, byType]) => [source, sameOutputs(byType)] as const)
        .filter(([, byType]) => Object.keys(byType).length > 0),
    ),
  }
}

function sameNode(node: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { credentials, disabled, ...rest } = node
  const note = { content: '', width: 240, height: 160 }
  const isNote = node['type'] === 'n8n-nodes-base.stickyNote'
  const parameters = { ...(isNote ? note : {}), ...(node['parameters'] as object) }
  return {
    ...rest,
    parameters,
    disabled: disabled === true,
    credentials: Object.entries((credentials ?? {}) as Record<string, { name: string }>).map(
      ([type, { name }]) => [type, name],
    ),
  }
}

function sameOutputs(
  byType: Readonly<Record<string, readonly unknown[]>>,
): Record<string, readonly unknown[]> {
  const lists = Object.entries(byType).map(
    ([type, outputs]) =>
      [type, outputs.map((targets) => byText((targets ?? []) as unknown[]))] as const,
  )
  return Object.fromEntries(lists.filter(([, outputs]) => outputs.length > 0))
}

function byText<T>(items: readonly T[]): readonly T[] {
  const text = (item: T) => JSON.stringify(item, Object.keys(item as object).sort())
  return items.toSorted((a, b) => (text(a) < text(b) ? -1 : 1))
}
