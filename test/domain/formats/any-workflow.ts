/** Workflows as no n8n would write them: right in outline, and anything at all in detail. */
import fc from 'fast-check'

const name = fc.oneof(
  fc.constantFrom('A', 'B', 'C', 'A 1', 'Sticky Note', '__proto__', 'constructor', '5', '', ' '),
  fc.constantFrom('nul \u0000', 'half \ud800', 'n'.repeat(1_001)),
  fc.string({ unit: 'binary', maxLength: 5 }),
)
const garbage = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(null, '', '\u0000', '\udfff', {}, [], -1, 2.5, 1e300) },
)
const orGarbage = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 5, arbitrary }, { weight: 1, arbitrary: garbage })

const type = fc.constantFrom(
  ...['n8n-nodes-base.noOp', 'n8n-nodes-base.httpRequest', 'n8n-nodes-base.unheardOf'],
  ...['n8n-nodes-base.stickyNote', '@n8n/n8n-nodes-langchain.agent'],
)
const members = fc.dictionary(
  fc.oneof(fc.constantFrom('constructor', 'content', 'width', 'color', 'name'), fc.string()),
  garbage,
  { maxKeys: 4 },
)
const node = fc.record(
  {
    id: orGarbage(fc.constantFrom('1', '2', '3', 'A')),
    name: orGarbage(name),
    type: orGarbage(type),
    typeVersion: garbage,
    position: orGarbage(fc.tuple(fc.integer(), fc.double())),
    parameters: orGarbage(members),
    disabled: orGarbage(fc.boolean()),
    credentials: orGarbage(fc.dictionary(fc.string(), garbage, { maxKeys: 2 })),
    notes: garbage,
    outputs: garbage,
  },
  { requiredKeys: ['type'] },
)

const connectionType = fc.oneof(
  fc.constantFrom('main', 'ai_tool', 'out0', 'in3', 'main1', 'x1', 'x', '', '12', '\u0000'),
  fc.string({ unit: 'binary', maxLength: 3 }),
)
const target = fc.record(
  {
    node: orGarbage(fc.oneof(name, fc.constantFrom('1', '2', 5))),
    type: orGarbage(connectionType),
    index: orGarbage(fc.nat(120)),
  },
  { requiredKeys: [] },
)
const outputs = fc.array(orGarbage(fc.array(orGarbage(target), { maxLength: 3 })), { maxLength: 4 })
const connections = fc.dictionary(
  fc.oneof(name, fc.constantFrom('1', '2', '3')),
  orGarbage(fc.dictionary(connectionType, orGarbage(outputs), { maxKeys: 3 })),
  { maxKeys: 5 },
)

/** The text of a file that is an n8n workflow, however odd. */
export const anyWorkflow: fc.Arbitrary<string> = fc
  .record(
    {
      nodes: fc.array(orGarbage(node), { maxLength: 6 }),
      connections,
      name: orGarbage(name),
      description: garbage,
      settings: garbage,
      pinData: garbage,
      meta: garbage,
    },
    { requiredKeys: ['nodes', 'connections'] },
  )
  .map((workflow) => JSON.stringify(workflow))
