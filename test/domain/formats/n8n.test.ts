import { expect } from 'chai'
import { importLimits } from '../../../domain/formats/import-limits.ts'
import { importN8n } from '../../../domain/formats/n8n.ts'
import { jsonBytes } from '../../../domain/formats/json-size.ts'
import { limits } from '../../../domain/limits.ts'
import { countingIds, imported, linesOf, n8nFile, resultOf } from './import-fixture.ts'

const node = (name: unknown, more: object = {}) => ({
  id: `id of ${String(name)}`,
  name,
  type: 'n8n-nodes-base.noOp',
  position: [0, 0],
  parameters: {},
  ...more,
})

const to = (name: unknown, index = 0) => ({ node: name, type: 'main', index })

describe('importing an n8n workflow', () => {
  const { pipeline, report } = imported(n8nFile('orders'))
  const step = (name: string) => pipeline.steps.find((one) => one.name === name)!

  it('counts what came over', () => {
    expect(report).to.include({ steps: 6, connections: 6, notes: 1, cycles: 0, needsLayout: false })
    expect(pipeline).to.include({ name: 'Check new orders', graphRule: 'acyclic' })
    expect(pipeline.description).to.equal('Looks at every order once an hour.')
    expect(report.dangling).to.deep.equal([])
  })

  it('maps known types to kinds and keeps the others as foreign', () => {
    expect(pipeline.steps.map(({ kind }) => kind)).to.deep.equal([
      ...['schedule', 'http', 'condition', 'foreign.n8n', 'ai-agent', 'ai-tool'],
    ])
    expect(report.unmapped[0]).to.deep.equal({
      what: 'Steps of the type "n8n-nodes-base.carrierPigeon"',
      where: '"Tell a person"',
      why: 'No kind of step here is like it: it came over with all its values, as foreign.n8n.',
    })
  })

  it('takes parameters as configuration, and the rest of a node as foreign', () => {
    const { id, ...http } = step('Get orders')
    expect(id).to.equal('00000000-0000-7000-8000-000000000002')
    expect(http).to.deep.equal({
      kind: 'http',
      name: 'Get orders',
      placement: { x: -160, y: 40 },
      config: { url: 'https://shop.test/orders', options: {} },
      enabled: true,
      foreign: {
        n8n: {
          id: 'a1000000-0000-4000-8000-000000000002',
          type: 'n8n-nodes-base.httpRequest',
          typeVersion: 4.2,
          credentials: { httpHeaderAuth: 'Shop' },
          retryOnFail: true,
          onError: 'continueErrorOutput',
          notes: 'Gives at most 50.',
        },
        outputs: ['out1'],
      },
    })
  })

  it('turns off what is disabled', () => {
    expect(step('Tell a person').enabled).to.equal(false)
  })

  it('names ports by type and index', () => {
    expect(linesOf(pipeline)).to.deep.equal([
      'Every hour out0 > in0 Get orders',
      'Get orders out0 > in0 Is it large?',
      'Is it large? out0 > in0 Tell a person',
      'Is it large? out0 > in0 Ask a model',
      'Is it large? out1 > in1 Ask a model',
      'Look up a customer ai_tool > ai_tool Ask a model',
    ])
  })

  it('makes a note of a sticky note', () => {
    expect(pipeline.notes).to.have.length(1)
    expect(pipeline.notes[0]).to.deep.include({
      text: '## Orders\nonce an hour',
      placement: { x: -720, y: -200 },
      size: { width: 840, height: 180 },
    })
  })

  it('leaves out test data, and says what else has no place', () => {
    expect(JSON.stringify(pipeline)).not.to.include('Ada')
    expect(report.unmapped.map(({ what }) => what)).to.include.members([
      'The setting "color" of a note',
      'The workflow\'s "pinData"',
      'The workflow\'s "settings"',
    ])
    expect(pipeline.foreign).to.deep.equal({
      n8n: {
        settings: { executionOrder: 'v1' },
        meta: { templateId: '12' },
        tags: [],
        active: false,
      },
    })
  })

  it('lists the credentials that have to be mapped, without their ids', () => {
    expect(report.credentials).to.deep.equal([
      { type: 'httpHeaderAuth', name: 'Shop', where: '"Get orders"' },
    ])
    expect(report.warnings).to.deep.equal([
      'Credentials came over by name only. Map each to one of your own.',
    ])
  })

  it('has only new ids, so that two imports of one file share none', () => {
    const newId = countingIds()
    const ids = [1, 2].flatMap(() => {
      const result = importN8n(n8nFile('orders'), { newId })
      if (!result.ok) throw new Error(result.message)
      return [...result.pipeline.steps, ...result.pipeline.notes].map(({ id }) => id as string)
    })
    expect(new Set(ids).size).to.equal(14)
    expect(ids).not.to.include('a1000000-0000-4000-8000-000000000001')
  })
})

describe('an n8n workflow with cycles', () => {
  const { pipeline, report } = imported(n8nFile('loop'))

  it('keeps every connection, counts those that close a cycle and allows cycles', () => {
    expect(report).to.include({ connections: 5, cycles: 2 })
    expect(pipeline.graphRule).to.equal('free')
  })

  it('takes an output that is null for one without targets', () => {
    expect(linesOf(pipeline)).to.include('Each page out1 > in0 Read it')
  })
})

describe('a crooked n8n workflow', () => {
  const { pipeline, report } = imported(n8nFile('crooked'))

  it('makes names unique and gives names to what has none', () => {
    expect(pipeline.steps.map(({ name }) => name)).to.deep.equal([
      ...['Twin', 'Twin 2', 'Twin 1', '7', 'wait', 'Step'],
    ])
    expect(report.warnings).to.include(
      '2 steps are called "Twin": connections by that name belong to the first, the others were ' +
        'renamed.',
    )
  })

  it('keeps an original id for the first that has it', () => {
    const originals = pipeline.steps.map(
      ({ foreign }) => (foreign as { n8n: { id?: unknown } }).n8n.id,
    )
    expect(originals).to.deep.equal(['same', undefined, undefined, 7, undefined, 'untyped'])
  })

  it('connects by name, else by id', () => {
    expect(linesOf(pipeline)).to.deep.equal([
      'Twin out0 > in0 Twin 1',
      'Twin out0 > in0 7',
      'Step out0 > in0 Twin',
    ])
  })

  it('reports each connection that leads to nothing, and why', () => {
    expect(report.dangling).to.deep.equal([
      {
        from: '7',
        fromPort: 'out0',
        to: 'wait',
        toPort: 'in0',
        why: 'The file has no node "wait".',
      },
      {
        from: 'Twin',
        fromPort: 'out0',
        to: 'Nobody',
        toPort: 'in2',
        why: 'The file has no node "Nobody".',
      },
      {
        from: 'Twin',
        fromPort: 'out0',
        to: 'A remark',
        toPort: 'in0',
        why: '"A remark" is a note.',
      },
      ...[1, 2].map(() => ({
        from: 'Twin',
        fromPort: 'out0',
        to: '?',
        toPort: '?',
        why: 'It does not say to which node it leads.',
      })),
      {
        from: 'Ghost',
        fromPort: 'out0',
        to: 'Twin',
        toPort: 'in0',
        why: 'The file has no node "Ghost".',
      },
      {
        from: 'Ghost',
        fromPort: 'out0',
        to: 'Ghoul',
        toPort: 'in0',
        why: 'The file has no node "Ghost" and no node "Ghoul".',
      },
    ])
  })

  it('reports everything else that it left out', () => {
    expect(report.unmapped.map(({ what, where }) => `${what}: ${where}`)).to.include.members([
      'An entry among the nodes: "node 7"',
      'A node without a name: "wait", "Step"',
      'An id that another node has too: "Twin 2"',
      'A connection that is listed twice: "Twin"',
      'An input whose index is no number from 0: "untyped"',
      'Connections that are no list: "untyped", "Twin 1"',
      'Parameters that have no names: "Twin 2"',
      'The parameter "": "7"',
      'Steps of no type: "Step"',
    ])
  })

  it('puts a step without a placement below the others', () => {
    expect(report.needsLayout).to.equal(false)
    expect(pipeline.steps[4]!.placement).to.deep.equal({ x: 0, y: 240 })
    expect(report.warnings).to.include(
      'One step or note had no place on the canvas: look for them below the others.',
    )
  })
})

describe('an n8n workflow with what cannot be stored', () => {
  const { pipeline, report } = imported(n8nFile('hostile'))

  it('cleans it and keeps the rest', () => {
    expect(pipeline.name).to.equal('Hostile')
    expect(pipeline.steps.map(({ name }) => name)).to.deep.equal(['__proto__', 'half \uFFFD'])
    expect(pipeline.steps[0]!.config).to.deep.equal({
      nested: { fine: 3 },
      text: 'nul  and half \uFFFD a character',
      key: 4,
      huge: null,
    })
    expect(pipeline.foreign).to.deep.equal({ n8n: { settings: { timezone: 'UTC' } } })
    expect(({} as { polluted?: boolean }).polluted).to.equal(undefined)
  })

  it('still joins connections by the names of the file', () => {
    expect(linesOf(pipeline)).to.deep.equal(['__proto__ out0 > in0 half \uFFFD'])
    expect(report.dangling).to.deep.equal([
      {
        from: 'half \uFFFD',
        fromPort: '__proto__',
        to: 'constructor',
        toPort: 'in0',
        why: 'The file has no node "constructor".',
      },
    ])
  })

  it('says what it cleaned', () => {
    expect(report.unmapped.map(({ what, where }) => `${what}: ${where}`)).to.include.members([
      'A key "__proto__", "constructor" or "prototype": "__proto__"',
      'A text with U+0000 or half a character: "half \uFFFD", "__proto__"',
      'A number too large for a number: "__proto__"',
    ])
  })

  it('cuts what is nested too deep', () => {
    const deep = '['.repeat(9_999) + ']'.repeat(9_999)
    const { pipeline: cut, report: said } = imported(
      `{"connections":{},"nodes":[{"name":"A","parameters":{"deep":${deep}}}]}`,
    )
    expect(jsonBytes(cut.steps[0]!.config)).to.be.lessThan(200)
    expect(said.unmapped.map(({ what }) => what)).to.include(
      `A value nested deeper than ${importLimits.valueDepth} levels`,
    )
  })
})

describe('an n8n workflow without placements', () => {
  const chain = (more: object) => ({
    nodes: ['A', 'B', 'C', 'D'].map((name) => node(name, more)),
    connections: {
      A: { main: [[to('B'), to('C')]] },
      B: { main: [[to('D')]] },
      C: { main: [[to('D')]] },
      D: { main: [[to('A')]] },
    },
  })
  const columns = [
    { x: 0, y: 0 },
    { x: 320, y: 0 },
    { x: 320, y: 160 },
    { x: 640, y: 0 },
  ]

  for (const [which, more] of [
    ['all are missing', { position: undefined }],
    ['all are equal', { position: [100, 100] }],
    ['none is a pair of numbers on the canvas', { position: [2e9, 'far'] }],
  ] as const) {
    it(`puts the steps in columns where ${which}`, () => {
      const { pipeline, report } = imported(chain(more))
      expect(report.needsLayout).to.equal(true)
      expect(pipeline.steps.map(({ placement }) => placement)).to.deep.equal(columns)
      expect(report.warnings).to.include(
        'The file places its steps nowhere: they were put in columns.',
      )
    })
  }

  it('is called as its file is, where it says no name of its own', () => {
    const nameOf = (workflow: object) => {
      const result = importN8n(workflow, { newId: countingIds(), unnamed: 'Orders (2)' })
      return result.ok && result.pipeline.name
    }
    expect(nameOf({ nodes: [], connections: {} })).to.equal('Orders (2)')
    expect(nameOf({ name: 'Own', nodes: [], connections: {} })).to.equal('Own')
  })

  it('keeps the one placement of a single step', () => {
    const { report, pipeline } = imported({
      nodes: [node('A', { position: [5, 6] })],
      connections: {},
    })
    expect(report.needsLayout).to.equal(false)
    expect(pipeline.steps[0]!.placement).to.deep.equal({ x: 10, y: 6 })
  })
})

describe('an n8n workflow that is wrapped', () => {
  const workflow = { name: 'Inner', nodes: [node('A'), node('B')], connections: {} }

  for (const [how, content] of [
    ['under data', { data: workflow }],
    ['under workflow, twice', { workflow: { id: 1, workflow } }],
    ['in a list', [workflow]],
    ['in a list under data', { data: [workflow], nextCursor: null }],
    ['in a text with a byte order mark', `\uFEFF${JSON.stringify(workflow)}`],
  ] as const) {
    it(`is found ${how}`, () => {
      const { pipeline } = imported(content)
      expect(pipeline.name).to.equal('Inner')
      expect(pipeline.steps).to.have.length(2)
    })
  }

  it('is called after what wraps it, where it has no name', () => {
    const { nodes, connections } = workflow
    expect(imported({ name: 'Outer', workflow: { nodes, connections } }).pipeline.name).to.equal(
      'Outer',
    )
    expect(imported({ nodes, connections }).pipeline.name).to.equal('Imported workflow')
  })

  it('is the first of several, and the report names the others', () => {
    const { pipeline, report } = imported([workflow, { ...workflow, name: 'Second' }])
    expect(pipeline.name).to.equal('Inner')
    expect(report.warnings).to.include(
      'The file holds 2 workflows and the first was imported. ' +
        'Import the others from files of their own: "Second".',
    )
  })

  it('needs no connections where the types are those of n8n', () => {
    expect(imported({ nodes: workflow.nodes }).report).to.include({ steps: 2, connections: 0 })
  })
})

describe('an n8n workflow at the limits', () => {
  const workflow = (nodes: unknown[], connections: object = {}) => ({ nodes, connections })
  const steps = (count: number) => Array.from({ length: count }, (_, index) => node(`S${index}`))

  it('may have 5,000 steps and no more', () => {
    expect(imported(workflow(steps(limits.importSteps))).report.steps).to.equal(5_000)
    expect(resultOf(workflow(steps(limits.importSteps + 1)))).to.deep.equal({
      ok: false,
      code: 'too-large',
      message: 'The file has 5001 steps; an import takes 5000 at most. Split it up.',
    })
  })

  it('may have 20,000 connections and no more', () => {
    const inputs = (count: number) => Array.from({ length: count }, (_, index) => to('B', index))
    const most = (count: number) =>
      workflow([node('A'), node('B')], { A: { main: [inputs(count)] } })
    expect(imported(most(importLimits.connections)).report.connections).to.equal(20_000)
    const refused = resultOf(most(importLimits.connections + 1))
    expect(refused).to.include({ ok: false, code: 'too-large' })
  })

  it('may have 5 MiB and no more, counted as bytes', () => {
    const padded = (bytes: number) => {
      const text = JSON.stringify(workflow([node('A')]))
      return text + ' '.repeat(bytes - text.length)
    }
    expect(resultOf(padded(limits.importBytes)).ok).to.equal(true)
    expect(resultOf(padded(limits.importBytes + 1))).to.deep.equal({
      ok: false,
      code: 'too-large',
      message: 'The file has 5242881 bytes; an import takes 5242880 at most. Split it up.',
    })
    const wide = JSON.stringify({ ...workflow([node('A')]), x: 'ß'.repeat(limits.importBytes / 2) })
    expect(resultOf(wide)).to.include({ ok: false, code: 'too-large' })
  })

  it('loses the largest values of a node that no event could hold', () => {
    const { pipeline, report } = imported(
      workflow([
        node('A', {
          parameters: {
            script: 'x'.repeat(300_000),
            form: { fields: [{ label: 'a', text: 'y'.repeat(300_000) }, { label: 'b' }] },
            kept: 'z'.repeat(1_000),
          },
          notes: 'kept too',
        }),
      ]),
    )
    expect(pipeline.steps[0]!.config).to.deep.equal({
      form: { fields: [{ label: 'a' }, { label: 'b' }] },
      kept: 'z'.repeat(1_000),
    })
    expect(pipeline.steps[0]!.foreign).to.have.nested.property('n8n.notes', 'kept too')
    expect(report.unmapped).to.deep.include({
      what: 'The value "config.script"',
      where: '"A"',
      why: 'It is larger than an event may be: it was cut out.',
    })
  })

  it('cuts names and notes to the length that fits, and never through a character', () => {
    const { pipeline, report } = imported(
      workflow([
        node('n'.repeat(999) + '💧💧'),
        node('note', {
          type: 'n8n-nodes-base.stickyNote',
          parameters: { content: '水'.repeat(100_001) },
        }),
      ]),
    )
    expect(pipeline.steps[0]!.name).to.equal('n'.repeat(999))
    expect(jsonBytes(pipeline.notes[0]!.text)).to.be.within(200_000, importLimits.valueBytes)
    expect(report.unmapped.map(({ what }) => what)).to.include.members([
      'A name that is too long',
      'A text that is too long',
    ])
  })

  it('shortens a report that nobody could read', () => {
    const { report } = imported(
      workflow([node('A')], {
        A: { main: [Array.from({ length: 1_500 }, (_, index) => to(`none ${index}`))] },
      }),
    )
    expect(report.dangling).to.have.length(1_000)
    expect(report.warnings).to.include(
      'This report leaves out 500 more connections that lead to nothing.',
    )
  })
})

describe('an n8n workflow with secrets in it', () => {
  it('comes over with a warning that does not repeat them', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`
    const { report } = imported({
      nodes: [node('A', { parameters: { headers: [{ name: 'Authorization', value: token }] } })],
      connections: {},
    })
    expect(report.secrets).to.deep.equal([
      { where: '"A", "config.headers.0.value"', looksLike: 'a GitHub token' },
    ])
    expect(JSON.stringify(report)).not.to.include(token)
    expect(report.warnings.some((warning) => warning.includes('look like secrets'))).to.equal(true)
  })
})

describe('what is no n8n workflow', () => {
  for (const [what, content, code] of [
    ['an empty text', '', 'unknown-format'],
    ['prose', 'Dear all,', 'unknown-format'],
    ['JSON of another kind', '{"nodes":[{"type":"input"}],"edges":[]}', 'unknown-format'],
    ['an empty list', '[]', 'unknown-format'],
    ['nothing at all', undefined, 'unknown-format'],
    ['a function', () => 1, 'unknown-format'],
    ['a Node-RED flow', '[{"id":"1","type":"inject","wires":[]}]', 'no-importer'],
    ['a GitHub Actions workflow', 'on: push\njobs:\n  build:\n', 'no-importer'],
    ['a Tributary file', '{"format":"tributary/pipeline"}', 'no-importer'],
    ['a file that breaks off', '{"nodes":[{"id":', 'malformed'],
  ] as const) {
    it(`is refused: ${what}`, () => {
      const result = resultOf(content)
      expect(result).to.include({ ok: false, code })
      expect(result)
        .to.have.property('message')
        .that.matches(/\. .*\.$/s)
    })
  }

  it('is refused where it refers to itself', () => {
    const circular: Record<string, unknown> = { connections: {} }
    circular['nodes'] = [circular]
    expect(resultOf(circular)).to.include({ ok: false, code: 'unknown-format' })
  })
})
