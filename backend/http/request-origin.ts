import type { Request } from 'express'

/** The address that the caller's browser shows for this server, such as `https://example.org`. */
export function originOf(request: Request): string {
  // A browser tells its own; what the server sees may be a proxy's.
  const told = request.get('origin') ?? ''
  if (/^https?:\/\/[\w.:[\]-]+$/.test(told)) return told
  return `${request.protocol}://${request.get('host') ?? 'localhost'}`
}
