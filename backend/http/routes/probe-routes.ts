import type { Application, Request, Response } from 'express'
import type { HttpPorts } from '../http-ports.ts'
import { route } from '../route.ts'

/** For those who look after the server: does it live, can it work, how is it doing. */
export function addProbeRoutes(app: Application, { metrics, readiness }: HttpPorts): void {
  const ready = async (_request: Request, response: Response) => {
    const parts = await readiness()
    const isReady = parts.every((part) => part.ready)
    response.status(isReady ? 200 : 503).json({ ready: isReady, parts })
  }
  const text = async (_request: Request, response: Response) => {
    response.type('text/plain; version=0.0.4').send(await metrics.text())
  }
  route(app, '/healthz', { get: [(_request, response) => void response.json({ alive: true })] })
  route(app, '/readyz', { get: [ready] })
  route(app, '/metrics', { get: [text] })
  route(app, '/v1/health', {
    get: [
      async (_request, response) => {
        const isReady = (await readiness()).every((part) => part.ready)
        response.status(isReady ? 200 : 202).json({ status: isReady ? 'active' : 'starting' })
      },
    ],
  })
}
