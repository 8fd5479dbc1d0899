import { expect } from 'chai'
import type { PipelineEvent, StoredEvent } from '../../domain/events/event.ts'
import type { PipelineChange } from '../../domain/events/pipeline-events.ts'
import type {
  ActorId,
  EventId,
  IntentId,
  PipelineId,
  Position,
  ReplicaId,
  Revision,
  TeamId,
} from '../../domain/ids.ts'
import { evolve } from '../../domain/pipeline/evolve.ts'
import { stampChanges } from '../../domain/pipeline/stamp.ts'
import { initialState, vectorOf, type PipelineState } from '../../domain/pipeline/state.ts'
import {
  foldPipelineEvent,
  initialPipelineFold,
  type PipelineFold,
} from '../../projections/pipeline-fold.ts'
import { rowsOfPerson, rowsOfPipeline, rowsOfTeam } from '../../projections/read-models.ts'
import { EVENTS_START_MS, namedUuid } from '../support/events.ts'

const pipelineId = namedUuid('pipeline') as PipelineId
const teamId = namedUuid('team') as TeamId
const [one, two, three] = [namedUuid('step', 1), namedUuid('step', 2), namedUuid('step', 3)] as [
  string,
  string,
  string,
]
const note = namedUuid('note')
const comment = namedUuid('comment')
const version = namedUuid('version')

/** Two devices that edit, and the log that takes their events as they come. */
class Devices {
  readonly fold: PipelineFold = initialPipelineFold(pipelineId)
  readonly stored: StoredEvent<PipelineEvent>[] = []
  private readonly views = new Map<string, PipelineState>()
  private ticks = 0

  /** Edits in the view of a device, which has seen its own edits and what it was shown. */
  edit(device: 'ada' | 'ben', ...changes: readonly [type: string, payload: object][]) {
    const view = this.view(device)
    this.ticks += 1
    const seen = { pipelineId, vector: vectorOf(view), greatestHlc: view.greatestHlc }
    const events = stampChanges(
      changes.map(([type, payload]) => ({ type, payload }) as PipelineChange),
      seen,
      {
        actorId: namedUuid(device) as ActorId,
        replicaId: `${device}00000000a` as ReplicaId,
        intentId: namedUuid('intent', this.ticks) as IntentId,
        now: EVENTS_START_MS + 1_000 * this.ticks,
        newEventId: () => namedUuid('event', this.ticks, this.stored.length) as EventId,
      },
    )
    for (const event of events) {
      evolve(view, event)
      const revision = this.stored.length + 1
      this.stored.push({
        revision: revision as Revision,
        position: (100 + revision) as Position,
        recordedAt: new Date(EVENTS_START_MS + 60_000 * revision).toISOString(),
        prevHash: '',
        hash: '',
        event,
      })
      foldPipelineEvent(this.fold, this.stored.at(-1)!)
    }
  }

  show(device: 'ada' | 'ben'): void {
    for (const { event } of this.stored) evolve(this.view(device), event)
  }

  rows(table: string) {
    for (const [model, rows] of rowsOfPipeline(this.fold)) if (model.table === table) return rows
    return null
  }

  private view(device: string): PipelineState {
    const view = this.views.get(device) ?? initialState(pipelineId)
    this.views.set(device, view)
    return view
  }
}

const added = (stepId: string, more: object = {}): [string, object] => [
  'StepAdded',
  { stepId, kind: 'http', name: 'Fetch', placement: { x: 1, y: 2 }, config: {}, ...more },
]
const connected = (from: string, to: string): [string, object] => [
  'StepsConnected',
  { from: { stepId: from, port: 'out' }, to: { stepId: to, port: 'in' } },
]
const at = (ticks: number) => new Date(EVENTS_START_MS + 1_000 * ticks).toISOString()
const recordedAt = (revision: number) => new Date(EVENTS_START_MS + 60_000 * revision).toISOString()

describe('the rows of a pipeline', () => {
  let devices: Devices
  beforeEach(() => {
    devices = new Devices()
    devices.edit('ada', ['PipelineCreated', { name: 'Orders', teamId }])
    devices.show('ben')
  })

  it('are none before its creation is known, for then it has no team', () => {
    expect(rowsOfPipeline(initialPipelineFold(pipelineId)).size).to.equal(0)
  })

  it('tell what it is and when the log took its first and last event', () => {
    devices.edit('ben', ['PipelineArchived', {}])
    expect(devices.rows('pipelines')).to.deep.equal([
      {
        id: pipelineId,
        team_id: teamId,
        name: 'Orders',
        description: '',
        graph_rule: 'acyclic',
        status: 'archived',
        created_at: recordedAt(1),
        updated_at: recordedAt(2),
        updated_by: namedUuid('ben'),
        revision: 2,
        step_count: 0,
        conflict_count: 0,
      },
    ])
  })

  it('have a step with the time and the person of its greatest write', () => {
    devices.edit('ada', added(one, { config: { url: 'x', n: [1] }, foreign: { node: 1 } }))
    devices.show('ben')
    devices.edit('ben', ['StepMoved', { stepId: one, placement: { x: -0.5, y: 3 } }])
    devices.edit('ada', ['StepConfigured', { stepId: one, key: 'n', value: null }])
    devices.edit('ada', added(two), ['StepRemoved', { stepId: two }])
    expect(devices.rows('steps')).to.deep.equal([
      {
        pipeline_id: pipelineId,
        id: one,
        team_id: teamId,
        kind: 'http',
        name: 'Fetch',
        x: -0.5,
        y: 3,
        config: { n: null, url: 'x' },
        enabled: true,
        foreign: { node: 1 },
        updated_at: at(4),
        updated_by: namedUuid('ada'),
      },
    ])
  })

  it('have connections with their status, and what blocks the suspended one', () => {
    devices.edit('ada', added(one), added(two), added(three))
    devices.show('ben')
    devices.edit('ada', connected(one, two))
    devices.edit('ben', connected(two, one))
    devices.edit('ben', connected(two, three), ['StepRemoved', { stepId: three }])
    const path = [{ from: { stepId: one, port: 'out' }, to: { stepId: two, port: 'in' } }]
    const rows = devices.rows('connections')!
    expect(
      rows.map(({ from_step, from_port, to_step, to_port, status, blocked_by }) => [
        [from_step, from_port, to_step, to_port],
        [status, blocked_by],
      ]),
    ).to.deep.equal([
      [
        [one, 'out', two, 'in'],
        ['active', null],
      ],
      [
        [two, 'out', one, 'in'],
        ['suspended', path],
      ],
      [
        [two, 'out', three, 'in'],
        ['dangling', null],
      ],
    ])
    // The id is the connection's own: it stays when the connection goes and comes back.
    const { id } = rows[0]!
    devices.show('ada')
    devices.edit('ada', ['StepsDisconnected', path[0]!], connected(one, two))
    expect(devices.rows('connections')!.find(({ status }) => status === 'active')).to.include({
      id,
    })
    expect(new Set(rows.map((row) => row['id'])).size).to.equal(3)
  })

  it('have notes, comments with their author, and versions with their number', () => {
    devices.edit('ada', added(one))
    devices.edit('ada', [
      'NoteAdded',
      { noteId: note, text: 'Mind', placement: { x: 5, y: 6 }, size: { width: 7, height: 8 } },
    ])
    devices.edit('ada', ['CommentAdded', { commentId: comment, stepId: one, body: 'Why?' }])
    devices.show('ben')
    devices.edit('ben', ['CommentResolved', { commentId: comment }])
    devices.edit('ben', ['VersionTagged', { versionId: one, label: 'v1', cut: {} }])
    const cut = { ada00000000a: 3 }
    devices.edit('ben', ['VersionTagged', { versionId: version, label: 'v2', note: 'n', cut }])
    const shared = { pipeline_id: pipelineId, team_id: teamId }
    expect(devices.rows('notes')).to.deep.equal([
      {
        ...shared,
        id: note,
        text: 'Mind',
        x: 5,
        y: 6,
        width: 7,
        height: 8,
        updated_at: at(3),
        updated_by: namedUuid('ada'),
      },
    ])
    expect(devices.rows('comments')).to.deep.equal([
      {
        ...shared,
        id: comment,
        step_id: one,
        reply_to: null,
        author_id: namedUuid('ada'),
        body: 'Why?',
        resolved: true,
        created_at: at(4),
        updated_at: at(5),
      },
    ])
    expect(devices.rows('pipeline_versions')![1]).to.deep.equal({
      ...shared,
      id: version,
      number: 2,
      label: 'v2',
      note: 'n',
      cut,
      created_at: at(7),
      created_by: namedUuid('ben'),
    })
  })

  it('have a conflict that keeps its id while its values change, and goes when it is settled', () => {
    devices.edit('ada', added(one))
    devices.show('ben')
    devices.edit('ada', ['StepRenamed', { stepId: one, name: 'A' }])
    devices.edit('ben', ['StepRenamed', { stepId: one, name: 'B' }])
    const [conflict, ...others] = devices.rows('conflicts')!
    expect(others).to.deep.equal([])
    expect(conflict).to.deep.include({ kind: 'field', step_id: one, note_id: null, field: 'name' })
    expect((conflict!['values'] as { value: string }[]).map(({ value }) => value)).to.eql([
      'B',
      'A',
    ])
    expect(devices.rows('pipelines')![0]).to.include({ conflict_count: 1 })

    devices.edit('ada', ['StepRenamed', { stepId: one, name: 'C' }])
    expect(devices.rows('conflicts')!.map((row) => row['id'])).to.deep.equal([conflict!['id']])
    devices.show('ada')
    devices.edit('ada', ['StepRenamed', { stepId: one, name: 'D' }])
    expect(devices.rows('conflicts')).to.deep.equal([])
  })

  it('have one activity for each gesture', () => {
    devices.edit('ben', added(one), added(two))
    expect(devices.rows('activity')![1]).to.deep.equal({
      pipeline_id: pipelineId,
      intent_id: namedUuid('intent', 2),
      team_id: teamId,
      actor_id: namedUuid('ben'),
      kind: 'StepAdded',
      events: 2,
      first_revision: 2,
      last_revision: 3,
      at: recordedAt(2),
    })
  })

  it('are the same objects for what did not change', () => {
    devices.edit('ada', added(one), added(two))
    const [before] = [devices.rows('steps')!]
    devices.edit('ada', ['StepRenamed', { stepId: two, name: 'Send' }])
    const after = devices.rows('steps')!
    expect(after[0]).to.equal(before[0])
    expect(after[1]).to.not.equal(before[1])
  })
})

describe('the rows of teams and people', () => {
  const [ada, ben] = [namedUuid('ada') as ActorId, namedUuid('ben') as ActorId]
  const rowsIn = (rows: ReturnType<typeof rowsOfTeam>) =>
    Object.fromEntries(Array.from(rows, ([{ table }, of]) => [table, of]))

  it('have the members of now, and none of those who left', () => {
    const members = new Map([
      [ada, { userId: ada, role: 'owner' as const }],
      [ben, { userId: ben, role: null }],
    ])
    expect(rowsIn(rowsOfTeam({ id: teamId, name: 'Data', members }))).to.deep.equal({
      teams: [{ id: teamId, team_id: teamId, name: 'Data' }],
      team_members: [{ team_id: teamId, user_id: ada, role: 'owner' }],
    })
  })

  it('have a person in each of their teams, nameless until their account is known', () => {
    const account = { id: ben, name: null, avatarUrl: null }
    const other = namedUuid('team', 2) as TeamId
    expect(rowsIn(rowsOfPerson({ account, teamIds: [teamId, other] }))).to.deep.equal({
      users: [
        { team_id: teamId, id: ben, name: '', avatar_url: null },
        { team_id: other, id: ben, name: '', avatar_url: null },
      ],
    })
  })
})
