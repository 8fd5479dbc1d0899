/**
 * What each view of the editor follows, as shapes of the read models. The server gives everybody the
 * rows of their own teams alone: a view only narrows that down.
 */
import type { PipelineId, TeamId } from '../ids.ts'

/** The parameters of one shape at /v1/shape. */
export interface ViewShape {
  readonly table: string
  /** The key's columns are always among them. */
  readonly columns: readonly string[]
  readonly where?: string
  /** What stands for `$1`, `$2`, … in `where`. */
  readonly params?: Readonly<Record<string, string>>
  /** A shape has no order: of its rows, the view shows so many with the greatest of a column. */
  readonly newest?: { readonly by: string; readonly count: number }
}

export const VIEWS = ['list', 'dashboard', 'workspace'] as const
export type View = (typeof VIEWS)[number]

const DAY_MS = 86_400_000
const DASHBOARD_DAYS = 7
const DASHBOARD_PIPELINES = 20
const VERSION_DAYS = 30
const VERSIONS = 10

const LISTED = [
  ...['id', 'team_id', 'name', 'status', 'updated_at', 'updated_by'],
  ...['step_count', 'conflict_count'],
]

/** Every pipeline of one's teams. */
export function listView(): ViewShape[] {
  return [{ table: 'pipelines', columns: LISTED }]
}

/** The pipelines of one's teams that changed lately. @param now milliseconds since 1970 */
export function dashboardView(now: number): ViewShape[] {
  return [
    {
      table: 'pipelines',
      columns: LISTED,
      where: 'updated_at >= $1',
      params: { 1: daysBefore(now, DASHBOARD_DAYS) },
      newest: { by: 'updated_at', count: DASHBOARD_PIPELINES },
    },
  ]
}

/**
 * One pipeline with all that is on its canvas, and the people of its team by name and picture.
 * @param now milliseconds since 1970
 */
export function workspaceView(pipelineId: PipelineId, teamId: TeamId, now: number): ViewShape[] {
  const ofPipeline = { where: 'pipeline_id = $1', params: { 1: pipelineId } }
  return [
    { table: 'pipelines', columns: PIPELINE, where: 'id = $1', params: { 1: pipelineId } },
    { table: 'steps', columns: STEP, ...ofPipeline },
    { table: 'connections', columns: CONNECTION, ...ofPipeline },
    { table: 'notes', columns: NOTE, ...ofPipeline },
    { table: 'comments', columns: COMMENT, ...ofPipeline },
    { table: 'users', columns: USER, where: 'team_id = $1', params: { 1: teamId } },
    {
      table: 'pipeline_versions',
      columns: VERSION,
      where: 'pipeline_id = $1 AND created_at >= $2',
      params: { 1: pipelineId, 2: daysBefore(now, VERSION_DAYS) },
      newest: { by: 'created_at', count: VERSIONS },
    },
  ]
}

const PIPELINE = [...LISTED, 'description', 'graph_rule', 'created_at', 'revision']
const IN_PIPELINE = ['pipeline_id', 'id', 'team_id']
const WRITTEN = ['updated_at', 'updated_by']
const STEP = [...IN_PIPELINE, 'kind', 'name', 'x', 'y', 'config', 'enabled', 'foreign', ...WRITTEN]
const ENDS = ['from_step', 'from_port', 'to_step', 'to_port']
const CONNECTION = [...IN_PIPELINE, ...ENDS, 'status', 'blocked_by']
const NOTE = [...IN_PIPELINE, 'text', 'x', 'y', 'width', 'height', ...WRITTEN]
const COMMENT = [
  ...IN_PIPELINE,
  ...['step_id', 'reply_to', 'author_id', 'body', 'resolved', 'created_at', 'updated_at'],
]
const USER = ['team_id', 'id', 'name', 'avatar_url']
const VERSION = [...IN_PIPELINE, 'number', 'label', 'note', 'cut', 'created_at', 'created_by']

/** The beginning of a day, so that everybody who asks on one day follows one and the same shape. */
function daysBefore(now: number, days: number): string {
  const day = Math.floor(now / DAY_MS) - days
  return new Date(day * DAY_MS).toISOString()
}
