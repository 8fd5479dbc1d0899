import type { Application, Request, Response } from 'express'
import { perMinute } from '../../auth/rate-limiter.ts'
import { authenticate, callerOf } from '../authenticate.ts'
import type { HttpPorts } from '../http-ports.ts'
import { Problem, tooManyRequests } from '../problem.ts'
import { route } from '../route.ts'

/** Looks at invitations from one address: tokens cannot be guessed, and need not be tried. */
const LOOKS_PER_MINUTE = 60

const VOID = 'This invitation was used, has expired or was withdrawn. Ask for another link.'

export function addInvitationRoutes(app: Application, ports: HttpPorts): void {
  const { invitations, teams } = ports
  const looks = perMinute(LOOKS_PER_MINUTE)

  const preview = async (request: Request, response: Response) => {
    const retryAfterMs = await looks.count(request.ip ?? '')
    if (retryAfterMs !== null) throw tooManyRequests(retryAfterMs, 'Wait a minute, then try again.')
    const invitation = await invitations.open(tokenIn(request.params))
    if (!invitation) throw new Problem('not-found', VOID)
    const { teamId, role, expiresAt } = invitation
    const { state } = teams.team(teamId)
    response.json({
      team: { id: teamId, name: state.name ?? '' },
      role,
      expiresAt: new Date(expiresAt).toISOString(),
    })
  }
  const accept = async (request: Request, response: Response) => {
    const { userId } = callerOf(response)
    const accepted = await invitations.accept(userId, tokenIn(request.params))
    if (!accepted.ok) throw new Problem(accepted.code, accepted.message)
    const { teamId } = accepted
    const { state } = teams.team(teamId)
    response.json({
      team: { id: teamId, name: state.name ?? '', role: await teams.roleOf(teamId, userId) },
    })
  }

  route(app, '/api/invitations/:token', { get: [preview] })
  route(app, '/api/invitations/:token/accept', {
    post: [authenticate(ports.authenticator), accept],
  })
}

function tokenIn({ token }: Record<string, unknown>): string {
  return typeof token === 'string' ? token : ''
}
