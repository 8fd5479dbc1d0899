/** Who a request comes from, found out before its body is read. */
import type { Request, RequestHandler, Response } from 'express'
import { isPrincipal, type Authenticator, type Principal } from '../auth/authenticator.ts'
import { Problem } from './problem.ts'

const callers = new WeakMap<Response, Principal>()

/** Lets signed-in people pass; anybody else gets 401. */
export function authenticate(authenticator: Authenticator): RequestHandler {
  return async (request, response, next) => {
    const answer = await authenticator.verify(bearerOf(request))
    if (!isPrincipal(answer)) {
      const headers =
        answer.code === 'unauthenticated' ? { 'www-authenticate': 'Bearer' } : undefined
      throw new Problem(answer.code, answer.message, { ...(headers && { headers }) })
    }
    callers.set(response, answer)
    next()
  }
}

/** The signed-in person; for handlers behind `authenticate`. */
export function callerOf(response: Response): Principal {
  return callers.get(response)!
}

/** The signed-in person, where there is one and it was asked for. */
export function knownCaller(response: Response): Principal | undefined {
  return callers.get(response)
}

/** The token of `Authorization: Bearer <token>`. */
function bearerOf(request: Request): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1]
}
