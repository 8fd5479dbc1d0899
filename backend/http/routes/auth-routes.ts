import type { Application, Request, Response } from 'express'
import { z } from 'zod'
import { PROTOCOL_VERSION } from '../../../domain/protocol/messages.ts'
import type { ActorId } from '../../../domain/ids.ts'
import type { AccountRejection, SignedIn } from '../../auth/accounts.ts'
import {
  emailSchema,
  nameSchema,
  newPasswordSchema,
  passwordSchema,
} from '../../auth/credentials.ts'
import { perMinute } from '../../auth/rate-limiter.ts'
import { authenticate, callerOf } from '../authenticate.ts'
import type { HttpPorts } from '../http-ports.ts'
import { Problem, tooManyRequests } from '../problem.ts'
import { jsonBody, readBody, storable } from '../read-input.ts'
import { route } from '../route.ts'

/** Guesses at one password from one address. */
const LOGINS_PER_MINUTE = 10

const signUpSchema = z.strictObject({
  name: storable(nameSchema),
  email: storable(emailSchema),
  password: storable(newPasswordSchema),
  invitation: z.string().max(200, 'is no invitation').optional(),
  teamName: storable(nameSchema).optional(),
})
const logInSchema = z.strictObject({
  email: storable(emailSchema),
  password: storable(passwordSchema),
})

export function addAuthRoutes(app: Application, ports: HttpPorts): void {
  const { accounts, names, teams, config } = ports
  const logins = perMinute(LOGINS_PER_MINUTE)
  const signedIn = authenticate(ports.authenticator)

  async function describe(userId: ActorId) {
    const [{ name }, email, memberships] = await Promise.all([
      names.of(userId),
      accounts.emailOf(userId),
      teams.teamsOf(userId),
    ])
    return { user: { id: userId, name: name ?? '', email: email ?? '' }, teams: memberships }
  }

  async function answerOf(outcome: SignedIn | AccountRejection) {
    if ('code' in outcome) throw new Problem(outcome.code, outcome.message)
    return { token: outcome.token, ...(await describe(outcome.userId)) }
  }

  function refuseWithProvider(): void {
    if (config.jwksUrl === null) return
    throw new Problem(
      'forbidden',
      'Sign in at your identity provider: there are no passwords here.',
    )
  }

  const signUp = async (request: Request, response: Response) => {
    refuseWithProvider()
    const form = readBody(request, signUpSchema)
    response.status(201).json(await answerOf(await accounts.signUp(form)))
  }
  const logIn = async (request: Request, response: Response) => {
    refuseWithProvider()
    const form = readBody(request, logInSchema)
    const retryAfterMs = await logins.count(`${form.email} ${request.ip ?? ''}`)
    if (retryAfterMs !== null) {
      throw tooManyRequests(retryAfterMs, 'Too many attempts to sign in. Wait a minute.')
    }
    response.json(await answerOf(await accounts.logIn(form)))
  }
  const logOut = async (_request: Request, response: Response) => {
    await accounts.logOut(callerOf(response))
    response.status(204).end()
  }
  const me = async (_request: Request, response: Response) => {
    response.json(await describe(callerOf(response).userId))
  }
  const publicConfig = async (_request: Request, response: Response) => {
    const { authMode, jwksUrl, syncBatchSize, maxOfflineQueue, retryIntervals } = config
    response.json({
      protocol: PROTOCOL_VERSION,
      authMode,
      identityProvider: jwksUrl !== null,
      firstSignUp: jwksUrl === null && (await accounts.awaitsFounder()),
      syncBatchSize,
      maxOfflineQueue,
      retryIntervals,
    })
  }

  route(app, '/api/auth/signup', { post: [jsonBody(), signUp] })
  route(app, '/api/auth/login', { post: [jsonBody(), logIn] })
  route(app, '/api/auth/logout', { post: [signedIn, logOut] })
  route(app, '/api/me', { get: [signedIn, me] })
  route(app, '/api/config', { get: [publicConfig] })
}
