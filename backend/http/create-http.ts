/** The HTTP interface: routes of the API, the shapes, the probes, and the editor itself. */
import compression from 'compression'
import express, { type Application } from 'express'
import { editorFiles, editorPage } from './editor-files.ts'
import { errorHandler, noSuchRoute } from './error-handler.ts'
import type { HttpPorts } from './http-ports.ts'
import { requestLog } from './request-log.ts'
import { addAuthRoutes } from './routes/auth-routes.ts'
import { addImportRoute } from './routes/import-route.ts'
import { addInvitationRoutes } from './routes/invitation-routes.ts'
import { addPipelineRoutes } from './routes/pipeline-routes.ts'
import { addProbeRoutes } from './routes/probe-routes.ts'
import { addShapeRoutes } from './routes/shape-routes.ts'
import { addTeamRoutes } from './routes/team-routes.ts'
import { securityHeaders } from './security-headers.ts'

/** Paths below which there is no page of the editor. */
const NOT_PAGES = ['/api', '/v1', '/socket.io']

/** A listener for `http.createServer`. */
export function createHttp(ports: HttpPorts): Application {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(requestLog(ports.logger, ports.metrics))
  // Before everything that changes an answer: a shape's is its protocol's own.
  if (ports.shapes) app.all('/v1/shape', ports.shapes)
  app.use(securityHeaders(), compression())
  app.use('/api', (_request, response, next) => {
    response.setHeader('cache-control', 'no-store')
    next()
  })

  addProbeRoutes(app, ports)
  addAuthRoutes(app, ports)
  addTeamRoutes(app, ports)
  addInvitationRoutes(app, ports)
  addPipelineRoutes(app, ports)
  addImportRoute(app, ports)
  addShapeRoutes(app, ports)

  app.use(NOT_PAGES, noSuchRoute)
  app.use(editorFiles(ports.editorDir), editorPage(ports.editorDir))
  app.use(noSuchRoute, errorHandler(ports.logger))
  return app
}
