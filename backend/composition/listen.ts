/** Listening, with a clear line where the address cannot be had. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StartError } from './start-error.ts'

/** @returns the port. @throws StartError */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => reject(refusalOf(error, host, port))
    server.once('error', refuse)
    server.listen(port, host, () => {
      server.off('error', refuse)
      resolve()
    })
  })
  return (server.address() as AddressInfo).port
}

/** What to open in a browser; a name for addresses that are this machine's in any case. */
export function urlOf(host: string, port: number): string {
  const isThisMachine = ['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost'].includes(host)
  const name = isThisMachine ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

function refusalOf(error: NodeJS.ErrnoException, host: string, port: number): StartError {
  const cause = { cause: error }
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartError(
        `Port ${port} on ${host} is in use by another program. Stop that one, or set PORT to ` +
          'another port (0 takes a free one).',
        cause,
      )
    case 'EACCES':
      return new StartError(
        `This user may not listen on port ${port}. Set PORT to one from 1024 on.`,
        cause,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new StartError(
        `HOST is "${host}", which is no address of this machine. Set it to 127.0.0.1 or 0.0.0.0.`,
        cause,
      )
    default:
      return new StartError(`The server cannot listen on ${host}:${port}: ${error.message}.`, cause)
  }
}
