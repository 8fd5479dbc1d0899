/** One path of the interface with its methods; every other method is answered with 405. */
import type { Application, RequestHandler } from 'express'
import { Problem } from './problem.ts'

export type Method = 'get' | 'post' | 'patch' | 'delete'

export function route(
  app: Application,
  path: string,
  methods: Readonly<Partial<Record<Method, readonly RequestHandler[]>>>,
): void {
  const at = app.route(path)
  const allowed: string[] = []
  for (const [method, handlers] of Object.entries(methods)) {
    at[method as Method](...handlers)
    allowed.push(method.toUpperCase(), ...(method === 'get' ? ['HEAD'] : []))
  }
  const allow = allowed.join(', ')
  at.all((request, response) => {
    if (request.method === 'OPTIONS') return void response.set('allow', allow).status(204).end()
    throw new Problem('method-not-allowed', `Only ${allow} can be sent to this address.`, {
      headers: { allow },
    })
  })
}
