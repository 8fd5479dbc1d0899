/** What the tables should show, by the domain's own views: slow, and nothing of the read models in it. */
import {
  isPipelineEvent,
  isStoredPipelineEvent,
  type StoredEvent,
} from '../../domain/events/event.ts'
import type { ActorId, Position, TeamId } from '../../domain/ids.ts'
import type { EventLog } from '../../domain/log/event-log.ts'
import { evolveAll } from '../../domain/pipeline/evolve.ts'
import { initialState } from '../../domain/pipeline/state.ts'
import { viewOf } from '../../domain/pipeline/view.ts'
import {
  evolveAccount,
  evolveTeam,
  initialAccount,
  initialTeam,
  type AccountState,
  type TeamState,
} from '../../domain/team/team.ts'

/** Of each table, the query that gives the columns that the oracle knows, each row as one JSON. */
export const oracleQueries: Readonly<Record<string, string>> = {
  pipelines: `SELECT jsonb_build_array(id, team_id, name, description, graph_rule, status, revision,
                step_count, conflict_count) FROM pipelines`,
  steps: `SELECT jsonb_build_array(pipeline_id, id, kind, name, x, y, config, enabled) FROM steps`,
  connections: `SELECT jsonb_build_array(pipeline_id, from_step, from_port, to_step, to_port, status,
                  blocked_by) FROM connections`,
  notes: `SELECT jsonb_build_array(pipeline_id, id, text, x, y, width, height) FROM notes`,
  comments: `SELECT jsonb_build_array(pipeline_id, id, step_id, author_id, body, resolved)
               FROM comments`,
  pipeline_versions: `SELECT jsonb_build_array(pipeline_id, id, number, label, cut)
                        FROM pipeline_versions`,
  conflicts: `SELECT jsonb_build_array(pipeline_id, kind, coalesce(step_id, note_id, comment_id),
                field, "values", connection, blocked_by) FROM conflicts`,
  activity: `SELECT jsonb_build_array(pipeline_id, intent_id, actor_id, kind, events,
               first_revision, last_revision) FROM activity`,
  teams: `SELECT jsonb_build_array(id, name) FROM teams`,
  team_members: `SELECT jsonb_build_array(team_id, user_id, role) FROM team_members`,
  users: `SELECT jsonb_build_array(team_id, id, name, avatar_url) FROM users`,
}

/** The rows of each table, for the queries above; in no order. */
export async function oracleRows(log: EventLog): Promise<Record<string, unknown[][]>> {
  const events = await log.readAll(0 as Position, 1_000_000)
  const tables: Record<string, unknown[][]> = {}
  for (const table of Object.keys(oracleQueries)) tables[table] = []
  const add = (table: string, ...row: unknown[]) => tables[table]!.push(row)
  addPipelines(events, add)
  addTeams(events, add)
  return tables
}

type Add = (table: string, ...row: unknown[]) => void

function addPipelines(events: readonly StoredEvent[], add: Add): void {
  const stored = events.filter(isStoredPipelineEvent)
  for (const id of new Set(stored.map(({ event }) => event.pipelineId))) {
    const own = stored.filter(({ event }) => event.pipelineId === id)
    const view = viewOf(
      evolveAll(
        initialState(id),
        own.map(({ event }) => event),
      ),
    )
    const { teamId, name, description, graphRule, status } = view.pipeline
    const counts = [own.length, view.steps.length, view.conflicts.length]
    add('pipelines', id, teamId, name, description, graphRule, status, ...counts)
    for (const step of view.steps) {
      const { x, y } = step.placement
      add('steps', id, step.id, step.kind, step.name, x, y, step.config, step.enabled)
    }
    for (const { from, to, status, blockedBy } of view.connections) {
      const ends = [from.stepId, from.port, to.stepId, to.port]
      add('connections', id, ...ends, status, blockedBy ?? null)
    }
    for (const { id: noteId, text, placement, size } of view.notes) {
      add('notes', id, noteId, text, placement.x, placement.y, size.width, size.height)
    }
    for (const { id: commentId, stepId, authorId, body, resolved } of view.comments) {
      add('comments', id, commentId, stepId, authorId, body, resolved)
    }
    const tags = own.filter(({ event }) => event.type === 'VersionTagged')
    tags.forEach(({ event }, n) => {
      const { versionId, label, cut } = event.payload as Record<string, unknown>
      add('pipeline_versions', id, versionId, n + 1, label, cut)
    })
    for (const conflict of view.conflicts) {
      if (conflict.kind === 'suspended-connection') {
        add(
          'conflicts',
          id,
          conflict.kind,
          null,
          null,
          null,
          conflict.connection,
          conflict.blockedBy,
        )
      } else {
        const { kind, stepId, noteId, commentId, field, values } = conflict
        add('conflicts', id, kind, stepId ?? noteId ?? commentId ?? null, field, values, null, null)
      }
    }
    for (const intentId of new Set(own.map(({ event }) => event.intentId))) {
      const gesture = own.filter(({ event }) => event.intentId === intentId)
      const { actorId, type } = gesture[0]!.event
      const revisions = [gesture[0]!.revision, gesture.at(-1)!.revision]
      add('activity', id, intentId, actorId, type, gesture.length, ...revisions)
    }
  }
}

function addTeams(events: readonly StoredEvent[], add: Add): void {
  const teams = new Map<string, TeamState>()
  const accounts = new Map<string, AccountState>()
  for (const { event } of events) {
    if (isPipelineEvent(event)) continue
    const id = event.streamId.slice(event.streamId.indexOf('-') + 1)
    if (event.streamId.startsWith('team-')) {
      teams.set(id, evolveTeam(teams.get(id) ?? initialTeam(id as TeamId), event))
    } else {
      accounts.set(id, evolveAccount(accounts.get(id) ?? initialAccount(id as ActorId), event))
    }
  }
  for (const { id, name, members } of teams.values()) {
    add('teams', id, name)
    for (const { userId, role } of members.values()) {
      if (role) add('team_members', id, userId, role)
      const account = accounts.get(userId)
      add('users', id, userId, account?.name ?? '', account?.avatarUrl ?? null)
    }
  }
}
