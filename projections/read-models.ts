/** Every read model. */
import type { TeamState } from '../domain/team/team.ts'
import { activity } from './activity.ts'
import { comments } from './comments.ts'
import { conflicts } from './conflicts.ts'
import { connections } from './connections.ts'
import { notes } from './notes.ts'
import { createdPipeline, type PipelineFold } from './pipeline-fold.ts'
import { pipelineVersions } from './pipeline-versions.ts'
import { pipelines } from './pipelines.ts'
import type { ReadModel, Row, Table } from './read-model.ts'
import { steps } from './steps.ts'
import type { StreamName } from './stream-kinds.ts'
import { teamMembers } from './team-members.ts'
import { teams } from './teams.ts'
import { users, type Person } from './users.ts'

/** Raise it with every change of a row's content: the projector then makes all rows anew. */
export const READ_MODELS_VERSION = 1

const pipelineModels = [
  pipelines,
  steps,
  connections,
  notes,
  comments,
  pipelineVersions,
  conflicts,
  activity,
]

const teamModels = [teams, teamMembers]
const personModels = [users]

export const readModels: readonly Table[] = [...pipelineModels, ...teamModels, ...personModels]

/** Which tables have rows of a kind of stream. */
export const tablesOf: Readonly<Record<StreamName['kind'], readonly Table[]>> = {
  pipeline: pipelineModels,
  team: teamModels,
  account: personModels,
}

/** The rows of one fold in each of its tables. */
export type RowsByTable = ReadonlyMap<Table, readonly Row[]>

/** No rows as long as the pipeline's creation is not known: every row has a team. */
export function rowsOfPipeline(fold: PipelineFold): RowsByTable {
  const pipeline = createdPipeline(fold)
  return pipeline ? rowsOf(pipelineModels, pipeline) : rowsOf([], fold)
}

export const rowsOfTeam = (team: TeamState): RowsByTable => rowsOf(teamModels, team)
export const rowsOfPerson = (person: Person): RowsByTable => rowsOf(personModels, person)

function rowsOf<Fold>(models: readonly ReadModel<Fold>[], fold: Fold): RowsByTable {
  return new Map(models.map((model) => [model, model.rowsOf(fold)]))
}
