import { expect } from 'chai'
import { pipelineEventSchema, readChange } from '../../../domain/events/event.ts'
import {
  PIPELINE_EVENT_SCHEMA,
  pipelineEventPayloads,
  type PipelineEventType,
} from '../../../domain/events/pipeline-events.ts'
import { canonicalJson, jsonIssue } from '../../../domain/json.ts'
import { limits } from '../../../domain/limits.ts'
import { effectOf } from '../../../domain/pipeline/effects.ts'
import { pipelineEvent } from '../../support/events.ts'
import { samplePayloads } from './sample-payloads.ts'

const types = Object.keys(samplePayloads) as PipelineEventType[]
const read = (type: string, payload: unknown, schema = PIPELINE_EVENT_SCHEMA) =>
  readChange({ type, schema, payload })
/** The payload with nothing but what it must hold, as any program would read it. */
const leastOf = (type: PipelineEventType) => samplePayloads[type][0] as Record<string, unknown>
const without = (record: Record<string, unknown>, field: string) =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== field))
const roundTripped = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('pipeline events', () => {
  it('are of exactly the types that the contract lists', () => {
    expect(types.sort()).to.deep.equal(Object.keys(pipelineEventPayloads).sort())
    expect(types).to.have.length(30)
  })

  for (const type of types) {
    it(`${type} comes back from JSON as it was`, () => {
      for (const payload of samplePayloads[type]) {
        const event = pipelineEvent({ type, payload })
        expect(pipelineEventSchema.parse(roundTripped(event))).to.deep.equal(event)
        expect(jsonIssue(payload)).to.equal(null)
        const change = read(type, roundTripped(payload))!
        expect(change.type).to.equal(type)
        expect(change.payload).to.deep.include(payload)
      }
    })

    it(`${type} takes no field that it does not have, and misses none of its own`, () => {
      const least = leastOf(type)
      expect(read(type, { ...least, unexpected: 1 })).to.equal(null)
      for (const field of Object.keys(least)) {
        expect(read(type, without(least, field)), `without ${field}`).to.equal(null)
        expect(read(type, { ...least, [field]: undefined }), `${field} undefined`).to.equal(null)
      }
      for (const payload of [null, undefined, [], 'x', 7])
        expect(read(type, payload)).to.equal(null)
    })

    it(`${type} refuses ids that are not lower-case uuids`, () => {
      const least = leastOf(type)
      for (const field of Object.keys(least).filter((name) => name.endsWith('Id'))) {
        const id = least[field] as string
        for (const wrong of [id.toUpperCase(), id.replaceAll('-', ''), `${id} `, '', 'step', 7]) {
          expect(read(type, { ...least, [field]: wrong }), `${field} ${wrong}`).to.equal(null)
        }
      }
    })
  }

  it('write what an addition leaves out: enabled steps, acyclic pipelines', () => {
    const written = (type: PipelineEventType) =>
      new Map(effectOf(read(type, samplePayloads[type][0])!)!.writes)
    expect(written('StepAdded').get('enabled')).to.equal(true)
    expect(written('PipelineCreated').get('graphRule')).to.equal('acyclic')
  })

  it('each touch one thing, but a tagged version, which touches none', () => {
    for (const type of types) {
      const change = read(type, samplePayloads[type][0])!
      expect(effectOf(change) === null, type).to.equal(type === 'VersionTagged')
    }
  })

  it('hold a line of the longest length and not one character more', () => {
    const tooLong = 'l'.repeat(limits.lineCharacters + 1)
    const [step] = samplePayloads.StepAdded
    const [ends] = samplePayloads.StepsConnected
    const [tag] = samplePayloads.VersionTagged
    const { stepId } = step
    expect(read('PipelineRenamed', { name: tooLong })).to.equal(null)
    expect(read('StepRenamed', { stepId, name: tooLong })).to.equal(null)
    expect(read('StepAdded', { ...step, kind: tooLong })).to.equal(null)
    expect(read('StepAdded', { ...step, config: { [tooLong]: 1 } })).to.equal(null)
    expect(read('StepConfigured', { stepId, key: tooLong, value: 1 })).to.equal(null)
    expect(read('StepConfigCleared', { stepId, key: tooLong })).to.equal(null)
    const port = { stepId, port: tooLong }
    expect(read('StepsConnected', { ...ends, from: port })).to.equal(null)
    expect(read('VersionTagged', { ...tag, label: tooLong })).to.equal(null)
  })

  it('hold a text of the longest length and not one character more', () => {
    const tooLong = 't'.repeat(limits.textCharacters + 1)
    const [note] = samplePayloads.NoteAdded
    const [comment] = samplePayloads.CommentAdded
    const [tag] = samplePayloads.VersionTagged
    const [created] = samplePayloads.PipelineCreated
    expect(read('PipelineCreated', { ...created, description: tooLong })).to.equal(null)
    expect(read('PipelineDescribed', { description: tooLong })).to.equal(null)
    expect(read('NoteAdded', { ...note, text: tooLong })).to.equal(null)
    expect(read('NoteEdited', { noteId: note.noteId, text: tooLong })).to.equal(null)
    expect(read('CommentAdded', { ...comment, body: tooLong })).to.equal(null)
    expect(read('CommentEdited', { commentId: comment.commentId, body: tooLong })).to.equal(null)
    expect(read('VersionTagged', { ...tag, note: tooLong })).to.equal(null)
  })

  it('refuse empty kinds, keys, ports and labels, and allow an empty name', () => {
    const [step] = samplePayloads.StepAdded
    const [ends] = samplePayloads.StepsConnected
    const [tag] = samplePayloads.VersionTagged
    expect(read('StepAdded', { ...step, kind: '' })).to.equal(null)
    expect(read('StepAdded', { ...step, config: { '': 1 } })).to.equal(null)
    expect(read('StepConfigured', { stepId: step.stepId, key: '', value: 1 })).to.equal(null)
    expect(read('StepsConnected', { ...ends, to: { ...ends.to, port: '' } })).to.equal(null)
    expect(read('VersionTagged', { ...tag, label: '' })).to.equal(null)
    expect(read('StepAdded', { ...step, name: '' })).not.to.equal(null)
  })

  it("keep a configuration key from reaching an object's prototype, as a value too", () => {
    const [step] = samplePayloads.StepAdded
    const { stepId } = step
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      expect(read('StepConfigured', { stepId, key, value: {} }), key).to.equal(null)
      expect(read('StepConfigCleared', { stepId, key }), key).to.equal(null)
    }
    for (const key of ['constructor', 'prototype']) {
      expect(read('StepAdded', { ...step, config: { [key]: 1 } }), key).to.equal(null)
    }
    expect(read('StepConfigured', { stepId, key: 'toString', value: 1 })).not.to.equal(null)
  })

  it('refuse placements and sizes that no canvas has', () => {
    const [{ stepId }] = samplePayloads.StepMoved
    const [{ noteId }] = samplePayloads.NoteResized
    const beyond = limits.coordinate * 1.001
    for (const x of [beyond, -beyond, Number.NaN, Infinity, '1', null]) {
      expect(read('StepMoved', { stepId, placement: { x, y: 0 } }), `x ${x}`).to.equal(null)
    }
    expect(read('StepMoved', { stepId, placement: { x: 0, y: 0, z: 0 } })).to.equal(null)
    for (const width of [0, 0.5, -1, beyond, Number.NaN]) {
      expect(read('NoteResized', { noteId, size: { width, height: 9 } }), `${width}`).to.equal(null)
    }
  })

  it('keep a cut to replica ids and counters from 1', () => {
    const [tag] = samplePayloads.VersionTagged
    for (const cut of [{ short: 1 }, { replica00001: 0 }, [], null, 'all']) {
      expect(read('VersionTagged', { ...tag, cut }), canonicalJson(cut)).to.equal(null)
    }
  })
})

describe('an event of an unknown type or a newer schema', () => {
  it('has the form of an event, and says nothing that this program could apply', () => {
    const unknown = pipelineEvent({ type: 'StepPainted', payload: { colour: 'red' } })
    expect(pipelineEventSchema.parse(roundTripped(unknown))).to.deep.equal(unknown)
    expect(readChange(unknown)).to.equal(null)
    const [payload] = samplePayloads.StepMoved
    expect(read('StepMoved', payload, PIPELINE_EVENT_SCHEMA + 1)).to.equal(null)
    expect(read('StepMoved', payload)).not.to.equal(null)
  })

  it('is no type for sharing its name with a member of every object', () => {
    for (const type of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
      expect(read(type, {}), type).to.equal(null)
    }
  })
})

describe("an event's envelope", () => {
  const valid = roundTripped(pipelineEvent()) as Record<string, unknown>
  const takes = (change: Record<string, unknown>) =>
    pipelineEventSchema.safeParse({ ...valid, ...change }).success

  it('takes a type that is a PascalCase word', () => {
    for (const type of ['StepMoved', 'X', `A${'b'.repeat(63)}`]) expect(takes({ type })).to.be.true
    for (const type of [
      '',
      'stepMoved',
      'Step Moved',
      'Step_Moved',
      'Step1',
      `A${'b'.repeat(64)}`,
    ]) {
      expect(takes({ type }), type).to.equal(false)
    }
  })

  it('takes counters that are whole numbers from 1', () => {
    for (const wrong of [0, -1, 1.5, '1', null, 2 ** 53, Number.NaN]) {
      expect(takes({ seq: wrong }), `seq ${wrong}`).to.equal(false)
      expect(takes({ schema: wrong }), `schema ${wrong}`).to.equal(false)
    }
    expect(takes({ schema: 32_767 })).to.equal(true)
    expect(takes({ schema: 32_768 })).to.equal(false)
  })

  it('takes replica ids of 12 characters of a-z and 0-9', () => {
    expect(takes({ replicaId: 'k3v9x0q2m7ta' })).to.equal(true)
    for (const wrong of ['k3v9x0q2m7t', 'k3v9x0q2m7tab', 'K3v9x0q2m7ta', 'k3v9x0q2m-ta', '']) {
      expect(takes({ replicaId: wrong }), wrong).to.equal(false)
    }
  })

  it('needs every field, takes no other, and a payload that is an object', () => {
    for (const field of Object.keys(valid)) {
      const { success } = pipelineEventSchema.safeParse(without(valid, field))
      expect(success, `without ${field}`).to.equal(false)
    }
    expect(takes({ streamId: 'pipeline-1' })).to.equal(false)
    for (const payload of [null, [], 'x', 1]) expect(takes({ payload })).to.equal(false)
  })
})
