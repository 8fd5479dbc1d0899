import type { Application, Request, Response } from 'express'
import { z } from 'zod'
import { isUuid, type ActorId, type TeamId } from '../../../domain/ids.ts'
import { roleSchema } from '../../../domain/team/roles.ts'
import { roleIn } from '../../../domain/team/team.ts'
import { emailSchema, nameSchema } from '../../auth/credentials.ts'
import type { TeamResult } from '../../teams/change-team.ts'
import type { TeamAt } from '../../teams/team-directory.ts'
import { authenticate, callerOf } from '../authenticate.ts'
import type { HttpPorts } from '../http-ports.ts'
import { Problem } from '../problem.ts'
import { jsonBody, readBody, storable } from '../read-input.ts'
import { originOf } from '../request-origin.ts'
import { route } from '../route.ts'

const renameSchema = z.strictObject({ name: storable(nameSchema) })
const roleChangeSchema = z.strictObject({ role: roleSchema })
const invitationSchema = z.strictObject({
  role: roleSchema,
  email: storable(emailSchema).optional(),
})

/** The same answer for a team that does not exist and one that is not the caller's. */
const noSuchTeam = () => new Problem('not-found', 'There is no such team.')

export function addTeamRoutes(app: Application, ports: HttpPorts): void {
  const { commands, invitations, names, teams } = ports
  const signedIn = authenticate(ports.authenticator)

  async function describe({ state, joinedAt }: TeamAt) {
    const people = await Promise.all(
      [...state.members.values()].map(async ({ userId, role }) => {
        const { name } = await names.of(userId)
        return { userId, name: name ?? '', role, joinedAt: joinedAt.get(userId) ?? null }
      }),
    )
    return {
      id: state.id,
      name: state.name ?? '',
      members: people.filter(({ role }) => role !== null),
      former: people.filter(({ role }) => !role).map(({ userId, name }) => ({ userId, name })),
    }
  }

  const read = async (request: Request, response: Response) => {
    const team = await teams.refresh(teamIdIn(request.params))
    if (!roleIn(team.state, callerOf(response).userId)) throw noSuchTeam()
    response.json(await describe(team))
  }
  const rename = async (request: Request, response: Response) => {
    const teamId = teamIdIn(request.params)
    const { name } = readBody(request, renameSchema)
    const result = await commands.rename(callerOf(response).userId, teamId, name)
    response.json(await describe(changedBy(result)))
  }
  const changeRole = async (request: Request, response: Response) => {
    const { teamId, userId } = memberIn(request.params)
    const { role } = readBody(request, roleChangeSchema)
    const by = callerOf(response).userId
    changedBy(await commands.changeRole(by, teamId, userId, role))
    const { name } = await names.of(userId)
    response.json({ userId, name: name ?? '', role })
  }
  const remove = async (request: Request, response: Response) => {
    const { teamId, userId } = memberIn(request.params)
    changedBy(await commands.removeMember(callerOf(response).userId, teamId, userId))
    response.status(204).end()
  }
  const invite = async (request: Request, response: Response) => {
    const teamId = teamIdIn(request.params)
    const invitation = readBody(request, invitationSchema)
    const made = await invitations.invite(callerOf(response).userId, teamId, invitation)
    if (!made.ok) throw new Problem(made.code, made.message)
    const { token, expiresAt } = made
    response.status(201).json({ token, url: `${originOf(request)}/join/${token}`, expiresAt })
  }

  route(app, '/api/teams/:id', { get: [signedIn, read], patch: [signedIn, jsonBody(), rename] })
  route(app, '/api/teams/:id/invitations', { post: [signedIn, jsonBody(), invite] })
  route(app, '/api/teams/:id/members/:userId', {
    patch: [signedIn, jsonBody(), changeRole],
    delete: [signedIn, remove],
  })
}

function changedBy(result: TeamResult): TeamAt {
  if (!result.ok) throw new Problem(result.code, result.message)
  return result.team
}

function teamIdIn({ id }: Record<string, unknown>): TeamId {
  if (typeof id !== 'string' || !isUuid(id)) throw noSuchTeam()
  return id as TeamId
}

function memberIn(params: Record<string, unknown>): { teamId: TeamId; userId: ActorId } {
  const { userId } = params
  const teamId = teamIdIn(params)
  if (typeof userId === 'string' && isUuid(userId)) return { teamId, userId: userId as ActorId }
  throw new Problem('not-found', 'This person is not a member of the team.')
}
