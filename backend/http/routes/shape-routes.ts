import type { Application, Request, Response } from 'express'
import type { Membership } from '../../teams/team-directory.ts'
import { authenticate, callerOf } from '../authenticate.ts'
import type { HttpPorts } from '../http-ports.ts'
import { Problem } from '../problem.ts'
import { route } from '../route.ts'

/** A shape to follow at /v1/shape: its parameters there. */
export interface ShapeDefinition {
  readonly table: string
  readonly where: string
  readonly params: Readonly<Record<string, string>>
  readonly columns: readonly string[]
}

const LIST_COLUMNS = ['id', 'team_id', 'name', 'status', 'updated_at', 'updated_by']

/** What the list of pipelines follows: those of the person's teams. */
export function listShapes(teams: readonly Membership[]): ShapeDefinition[] {
  if (teams.length === 0) return []
  const places = teams.map((_, index) => `$${index + 1}`)
  const params = teams.map(({ id }, index): [string, string] => [String(index + 1), id])
  return [
    {
      table: 'pipelines',
      where: `team_id IN (${places.join(',')})`,
      params: Object.fromEntries(params),
      columns: LIST_COLUMNS,
    },
  ]
}

export function addShapeRoutes(app: Application, ports: HttpPorts): void {
  const definitions = async (request: Request, response: Response) => {
    const { view } = request.params
    if (view !== 'list') throw new Problem('not-found', 'There is no such view; there is list.')
    const teams = await ports.teams.teamsOf(callerOf(response).userId)
    response.json({ view, shapes: listShapes(teams) })
  }
  route(app, '/api/shapes/:view', { get: [authenticate(ports.authenticator), definitions] })
}
