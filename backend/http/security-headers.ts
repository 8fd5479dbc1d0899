import type { RequestHandler } from 'express'
import helmet from 'helmet'

/**
 * The headers that keep a page of ours to itself. Everything it loads comes from here; styles may
 * stand in the page, since components set them, and scripts may not.
 */
export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'script-src': ["'self'"],
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:', 'blob:'],
        'font-src': ["'self'", 'data:'],
        // 'self' covers WebSockets to this host.
        'connect-src': ["'self'"],
        'worker-src': ["'self'", 'blob:'],
        'manifest-src': ["'self'"],
        'object-src': ["'none'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    // Whether the host speaks TLS, and for how long it will, is for its proxy to say.
    strictTransportSecurity: false,
  })
}
