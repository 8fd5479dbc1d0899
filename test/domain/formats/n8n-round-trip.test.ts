import { expect } from 'chai'
import fc from 'fast-check'
import { changesOf } from '../../../domain/formats/import-changes.ts'
import type { ImportedPipeline } from '../../../domain/formats/imported-pipeline.ts'
import { kindOfN8nType, n8nTypeOfKind } from '../../../domain/formats/n8n-kinds.ts'
import { exportN8n } from '../../../domain/formats/n8n-export.ts'
import { HLC_ZERO } from '../../../domain/clock/hlc.ts'
import type {
  ActorId,
  EventId,
  IntentId,
  PipelineId,
  ReplicaId,
  TeamId,
} from '../../../domain/ids.ts'
import { canonicalJson } from '../../../domain/json.ts'
import { evolveAll } from '../../../domain/pipeline/evolve.ts'
import { stampChanges } from '../../../domain/pipeline/stamp.ts'
import { initialState } from '../../../domain/pipeline/state.ts'
import { viewOf } from '../../../domain/pipeline/view.ts'
import { anyWorkflow } from './any-workflow.ts'
import { countingIds, imported, n8nFile, resultOf, withoutIds } from './import-fixture.ts'
import { sameWorkflow } from './same-workflow.ts'

describe('exporting what was imported from n8n', () => {
  for (const name of ['orders', 'loop']) {
    it(`gives back the same workflow: ${name}`, () => {
      const file = n8nFile(name)
      expect(sameWorkflow(exportN8n(imported(file).pipeline))).to.deep.equal(
        sameWorkflow(JSON.parse(file)),
      )
    })
  }

  it('gives back the same steps, notes and connections by way of events', () => {
    const { pipeline } = imported(n8nFile('orders'))
    const { pipeline: kept, ...view } = viewThroughEvents(pipeline)
    const there = sameWorkflow(exportN8n({ ...kept, ...view }))
    const direct = sameWorkflow(exportN8n({ ...pipeline, notes: [] }))
    expect({ ...there, nodes: there.nodes.filter(({ type }) => !isNote(type)) }).to.deep.equal({
      name: direct.name,
      description: direct.description,
      nodes: direct.nodes,
      connections: direct.connections,
    })
    expect(there.nodes.filter(({ type }) => isNote(type))).to.have.length(1)
  })

  it('imports as the same pipeline again, whatever the file', () => {
    fc.assert(
      fc.property(anyWorkflow, (file) => {
        const first = imported(file).pipeline
        const second = imported(JSON.stringify(exportN8n(first))).pipeline
        expect(canonicalJson(withoutIds(second))).to.equal(canonicalJson(withoutIds(first)))
      }),
      { numRuns: 400 },
    )
  })

  it('gives each node an id of its own, though a step was copied', () => {
    const { pipeline } = imported(n8nFile('orders'))
    const copy = { ...pipeline.steps[0]!, id: countingIds()() as never }
    const { nodes } = exportN8n({ ...pipeline, steps: [...pipeline.steps, copy] })
    const parts = nodes as unknown as { id: string; name: string }[]
    expect(new Set(parts.map(({ id }) => id)).size).to.equal(parts.length)
    expect(parts.filter(({ name }) => name.startsWith('Every hour'))).to.have.length(2)
    expect(new Set(parts.map(({ name }) => name)).size).to.equal(parts.length)
  })
})

describe('exporting what was made here', () => {
  const placement = { x: 2, y: 2 }
  const made = (id: string, kind: string) => ({
    ...{ id, kind, name: 'A', placement, config: { key: 'value' }, enabled: true },
  })

  it('takes the n8n type of the kind, and says the kind where there is none', () => {
    const exported = exportN8n({
      name: 'Made here',
      steps: [made('1', 'http'), made('2', 'teleport')],
      connections: [
        { from: { stepId: '1', port: 'done' }, to: { stepId: '2', port: 'in0' } },
        { from: { stepId: '1', port: 'out0' }, to: { stepId: 'gone', port: 'in0' } },
      ] as unknown as ImportedPipeline['connections'],
      notes: [{ id: '3', text: 'Look', placement, size: { width: 20, height: 20 } }],
    })
    expect(exported).to.deep.equal({
      name: 'Made here',
      nodes: [
        {
          type: 'n8n-nodes-base.httpRequest',
          typeVersion: 1,
          id: '1',
          name: 'A',
          position: [1, 2],
          parameters: { key: 'value' },
        },
        {
          type: 'n8n-nodes-base.noOp',
          typeVersion: 1,
          notes: 'A step of the kind teleport',
          id: '2',
          name: 'A 1',
          position: [1, 2],
          parameters: { key: 'value' },
        },
        {
          type: 'n8n-nodes-base.stickyNote',
          typeVersion: 1,
          id: '3',
          name: 'Sticky Note',
          position: [1, 2],
          parameters: { content: 'Look', width: 10, height: 20 },
        },
      ],
      connections: { A: { done: [[{ node: 'A 1', type: 'main', index: 0 }]] } },
    })
  })

  it('comes back as the same kind', () => {
    const kinds = ['manual', 'schedule', 'webhook', 'http', 'transform', 'condition', 'switch']
    kinds.push(
      'merge',
      'code',
      'database',
      'notify',
      'ai-model',
      'ai-agent',
      'wait',
      'loop',
      'noop',
    )
    for (const kind of kinds) expect(kindOfN8nType(n8nTypeOfKind(kind) ?? '')).to.equal(kind)
  })
})

describe('the text of any JSON', () => {
  it('is imported or refused, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' }), fc.anything()), (content) => {
        expect(resultOf(content)).to.have.property('ok')
      }),
      { numRuns: 500 },
    )
  })
})

function isNote(type: unknown): boolean {
  return type === 'n8n-nodes-base.stickyNote'
}

function viewThroughEvents(pipeline: ImportedPipeline) {
  const newEventId = countingIds() as () => EventId
  const id = newEventId() as string
  const events = stampChanges(
    changesOf(pipeline, { teamId: id as TeamId }),
    { pipelineId: id as PipelineId, vector: {}, greatestHlc: HLC_ZERO },
    {
      actorId: id as ActorId,
      replicaId: 'abcdefghijkl' as ReplicaId,
      intentId: id as IntentId,
      now: 1_764_072_000_000,
      newEventId,
    },
  )
  return viewOf(evolveAll(initialState(id as PipelineId), events))
}
