import type { Application, Request, Response } from 'express'
import { z } from 'zod'
import { pipelineIdSchema, type PipelineId, type TeamId } from '../../../domain/ids.ts'
import { teamOf } from '../../../domain/pipeline/state.ts'
import {
  dashboardView,
  listView,
  VIEWS,
  workspaceView,
  type View,
} from '../../../domain/shapes/views.ts'
import { authenticate, callerOf } from '../authenticate.ts'
import type { HttpPorts } from '../http-ports.ts'
import { Problem } from '../problem.ts'
import { readQuery } from '../read-input.ts'
import { route } from '../route.ts'

const noQuery = z.strictObject({})
const workspaceQuery = z.strictObject({ pipelineId: pipelineIdSchema })

/** The shapes that each view follows at /v1/shape. */
export function addShapeRoutes(app: Application, ports: HttpPorts): void {
  /** Strangers are told what they would be told if there was no such pipeline. */
  async function teamFor(pipelineId: PipelineId, response: Response): Promise<TeamId> {
    const at = await ports.pipelines.read(pipelineId)
    const teamId = at && teamOf(at.state)
    const role = teamId && (await ports.teams.roleOf(teamId, callerOf(response).userId))
    if (!teamId || !role) throw new Problem('not-found', 'There is no such pipeline.')
    return teamId
  }

  const views: Readonly<
    Record<View, (request: Request, response: Response) => Promise<object[]> | object[]>
  > = {
    list(request) {
      readQuery(request, noQuery)
      return listView()
    },
    dashboard(request) {
      readQuery(request, noQuery)
      return dashboardView(Date.now())
    },
    async workspace(request, response) {
      const { pipelineId } = readQuery(request, workspaceQuery)
      return workspaceView(pipelineId, await teamFor(pipelineId, response), Date.now())
    },
  }

  const definitions = async (request: Request, response: Response) => {
    const view = VIEWS.find((name) => name === request.params['view'])
    if (!view) {
      throw new Problem('not-found', `There is no such view. There are ${VIEWS.join(', ')}.`)
    }
    response.json({ view, shapes: await views[view](request, response) })
  }
  route(app, '/api/shapes/:view', { get: [authenticate(ports.authenticator), definitions] })
}
