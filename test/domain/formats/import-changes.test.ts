import { expect } from 'chai'
import fc from 'fast-check'
import { readChange } from '../../../domain/events/event.ts'
import {
  PIPELINE_EVENT_SCHEMA,
  type PipelineChange,
} from '../../../domain/events/pipeline-events.ts'
import { changesInto, changesOf } from '../../../domain/formats/import-changes.ts'
import { jsonBytes } from '../../../domain/formats/json-size.ts'
import { isUuid, type TeamId } from '../../../domain/ids.ts'
import { jsonIssue } from '../../../domain/json.ts'
import { limits } from '../../../domain/limits.ts'
import { effectOf } from '../../../domain/pipeline/effects.ts'
import { anyWorkflow } from './any-workflow.ts'
import { imported, n8nFile } from './import-fixture.ts'

const teamId = '00000000-0000-7000-8000-0000000000aa' as TeamId

/** What an event needs besides its payload: ids, stamps and a clock of several hundred replicas. */
const ENVELOPE_BYTES = 12 * 1024

function expectAdmissible(changes: readonly PipelineChange[]): void {
  const added = new Set<string>()
  for (const change of changes) {
    expect(jsonIssue(change.payload)).to.equal(null)
    expect(readChange({ ...change, schema: PIPELINE_EVENT_SCHEMA })).not.to.equal(null)
    expect(jsonBytes(change.payload)).to.be.at.most(limits.eventBytes - ENVELOPE_BYTES)
    const { thing, refersTo } = effectOf(change)!
    for (const { id } of refersTo) expect(added).to.include(id)
    expect(added).not.to.include(thing.id)
    added.add(thing.id)
  }
}

describe('the changes of an import', () => {
  const { pipeline } = imported(n8nFile('orders'))

  it('create the pipeline, then add its steps, connect them and add its notes', () => {
    const changes = changesOf(pipeline, { teamId })
    expect(changes.map(({ type }) => type)).to.deep.equal([
      'PipelineCreated',
      ...Array.from({ length: 6 }, () => 'StepAdded'),
      ...Array.from({ length: 6 }, () => 'StepsConnected'),
      'NoteAdded',
    ])
    expect(changes[0]!.payload).to.deep.equal({
      name: 'Check new orders',
      teamId,
      description: 'Looks at every order once an hour.',
      graphRule: 'acyclic',
      foreign: pipeline.foreign,
    })
    expect(changes.at(-1)!.payload).to.deep.equal({
      noteId: '00000000-0000-7000-8000-000000000007',
      text: '## Orders\nonce an hour',
      placement: { x: -720, y: -200 },
      size: { width: 840, height: 180 },
      foreign: pipeline.notes[0]!.foreign,
    })
    expectAdmissible(changes)
  })

  it('take another name where one is given', () => {
    const [created] = changesOf(pipeline, { teamId, name: 'Mine' })
    expect(created!.payload).to.include({ name: 'Mine' })
  })

  it('allow cycles where the file has some', () => {
    const [created] = changesOf(imported(n8nFile('loop')).pipeline, { teamId })
    expect(created!.payload).to.include({ graphRule: 'free' })
  })

  it('add to a pipeline that exists, with the top left corner where it is wanted', () => {
    const changes = changesInto(pipeline, { x: 1_000, y: 50 })
    expect(changes.map(({ type }) => type)).not.to.include('PipelineCreated')
    const placements = changes.flatMap(({ payload }) =>
      'placement' in payload ? [payload.placement] : [],
    )
    expect(placements[0]).to.deep.equal({ x: 1_080, y: 290 })
    expect(placements.at(-1)).to.deep.equal({ x: 1_000, y: 50 })
    expect(changesInto(pipeline)).to.deep.equal(changesOf(pipeline, { teamId }).slice(1))
  })

  it('are admissible whatever the file, wherever it is put', () => {
    const at = fc.record({ x: fc.integer({ max: 1e9, min: -1e9 }), y: fc.constant(1e9) })
    fc.assert(
      fc.property(anyWorkflow, at, (file, corner) => {
        const { pipeline: any, report } = imported(file)
        expectAdmissible(changesOf(any, { teamId }))
        expectAdmissible(changesInto(any, corner).filter(({ type }) => type !== 'StepsConnected'))
        expect(jsonIssue(report)).to.equal(null)
        expect([any.steps.length, any.connections.length, any.notes.length]).to.deep.equal([
          report.steps,
          report.connections,
          report.notes,
        ])
        expect([...any.steps, ...any.notes].every(({ id }) => isUuid(id))).to.equal(true)
        expect(new Set(any.steps.map(({ name }) => name)).size).to.equal(any.steps.length)
      }),
      { numRuns: 400 },
    )
  })

  it('are admissible where every part of a node is as large as can be', () => {
    const large = '\u0001'.repeat(60_000)
    const file = {
      name: large,
      description: large,
      settings: { large },
      connections: {},
      nodes: [
        { name: large, type: large, parameters: { large, [large]: 1 }, [large]: 1, notes: large },
        { type: 'n8n-nodes-base.stickyNote', name: large, parameters: { content: large, large } },
      ],
    }
    expectAdmissible(changesOf(imported(file).pipeline, { teamId }))
  })
})
