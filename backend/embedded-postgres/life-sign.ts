/**
 * A proof from the kernel that processes live, for whoever shares a folder with them on one machine.
 *
 * A sign is a Unix socket that listens in the folder. Connecting to it is answered by the kernel:
 * it works for as long as any process has the socket open, also one that is stopped (SIGSTOP, a
 * frozen container) or busy, and is refused once the last of them has ended, whatever ended it. A
 * socket with a path is found by its inode, so this crosses containers and their namespaces. Child
 * processes inherit the descriptor: one sign stands for all that were started with it.
 *
 * It is a socket because Node has neither flock nor fcntl, and a tool of the system may be missing.
 * On a file system without sockets, and for a machine or a kernel of its own, it says nothing.
 */
import { randomUUID } from 'node:crypto'
import { open, readdir, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { platform } from 'node:os'
import { join } from 'node:path'
import { systemErrorCode } from './embedded-postgres-error.ts'

export interface LifeSign {
  /** Of the socket, in its folder. */
  readonly name: string
  /** To be handed on to child processes that the sign shall stand for as well. */
  readonly fd: number
  /** Lets go of it; it stays for as long as a child process holds it. */
  close(): Promise<void>
}

const PREFIX = 'alive-'

/** @returns null where there are no such signs: another system than Linux, or the file system */
export async function giveLifeSign(folder: string): Promise<LifeSign | null> {
  if (platform() !== 'linux') return null
  const name = `${PREFIX}${randomUUID()}`
  const server = createServer((asker) => asker.destroy())
  const listens = await throughFolder(folder, name, async (path) => listening(server, path))
  const fd = listens ? descriptorOf(server) : null
  if (fd === null) {
    server.close()
    return null
  }
  server.unref()
  return {
    name,
    fd,
    async close() {
      await new Promise((resolve) => server.close(resolve))
      // In a folder that was taken away there is nothing to tidy.
      const held = await showsLife(folder, name).catch(() => true)
      if (!held) await rm(join(folder, name), { force: true })
    },
  }
}

/** The names of the signs in the folder, by whether a process holds them. */
export async function readLifeSigns(folder: string): Promise<{ living: string[]; dead: string[] }> {
  const signs: { living: string[]; dead: string[] } = { living: [], dead: [] }
  if (platform() !== 'linux') return signs
  for (const name of await readdir(folder)) {
    if (!name.startsWith(PREFIX)) continue
    signs[(await showsLife(folder, name)) ? 'living' : 'dead'].push(name)
  }
  return signs
}

/** Only what cannot be otherwise is taken for death: refused by the kernel, or not there. */
async function showsLife(folder: string, name: string): Promise<boolean> {
  return throughFolder(folder, name, async (path) => {
    const code = await new Promise<string | null>((resolve) => {
      const socket = connect(path, () => {
        socket.destroy()
        resolve(null)
      })
      socket.once('error', (error) => resolve(systemErrorCode(error)))
    })
    return code !== 'ECONNREFUSED' && code !== 'ENOENT'
  })
}

/** The address of a socket holds some 100 bytes, and a folder's path may be longer. */
async function throughFolder<T>(
  folder: string,
  name: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const handle = await open(folder)
  try {
    return await use(`/proc/self/fd/${handle.fd}/${name}`)
  } finally {
    await handle.close()
  }
}

async function listening(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    server.on('error', () => resolve(false)).listen(path, () => resolve(true))
  })
}

/** Node tells the number of a socket's descriptor only here. */
function descriptorOf(server: Server): number | null {
  const { _handle: handle } = server as unknown as { _handle?: { fd?: unknown } }
  return typeof handle?.fd === 'number' && handle.fd >= 0 ? handle.fd : null
}
