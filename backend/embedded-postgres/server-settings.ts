import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Launcher } from './launcher.ts'

/** [name, value, reason]; what is not named here keeps the default of Postgres. */
const SETTINGS: readonly (readonly [string, string | number, string])[] = [
  ['listen_addresses', '127.0.0.1', 'Nobody but this machine; the port is on the command line.'],
  ['unix_socket_directories', '', 'One way in, and no socket file that a crash leaves behind.'],
  ['max_connections', 100, 'Pools of the server and scripts beside it; a backend costs some MB.'],
  ['fsync', 'on', 'Acknowledged means durable, even when the power fails.'],
  ['synchronous_commit', 'on', 'The same: a commit returns when it is on the disk.'],
  ['full_page_writes', 'on', 'The same: a page half written by a power cut is made whole.'],
  ['wal_level', 'logical', 'Lets Electric follow the publication without a restart.'],
  ['max_slot_wal_keep_size', '4GB', 'A follower that never returns must not fill the disk.'],
  ['max_wal_size', '1GB', 'Bounds what a start after a crash has to replay to some seconds.'],
  ['min_dynamic_shared_memory', '64MB', 'Containers have a /dev/shm too small for large queries.'],
  ['timezone', 'UTC', 'The same text for the same time on every machine.'],
  ['log_timezone', 'UTC', 'The same, in the log.'],
  ['lc_messages', 'C', 'Messages that can be searched for.'],
  ['log_line_prefix', '%m [%p] ', 'Time and process.'],
  ['log_checkpoints', 'off', 'They would be most of a log that is kept small.'],
]

const ACCESS = `# Written by Tributary at every start.
host all         all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
`

/**
 * Writes the settings into the cluster, at every start, so that a new version of Tributary brings
 * its own. What a person sets with ALTER SYSTEM stands in another file, and wins.
 */
export async function writeSettings(cluster: string, launcher: Launcher): Promise<void> {
  const lines = SETTINGS.map(([name, value, reason]) => `# ${reason}\n${name} = '${value}'\n`)
  const head = '# Written by Tributary at every start. Settings of your own: ALTER SYSTEM SET.\n\n'
  for (const [name, text] of [
    ['postgresql.conf', head + lines.join('\n')],
    ['pg_hba.conf', ACCESS],
  ] as const) {
    const path = join(cluster, name)
    // Made anew, never written into: the server could have left a link there to a file of root's.
    await rm(path, { force: true })
    await writeFile(path, text, { flag: 'wx', mode: 0o600 })
    await launcher.handOver(path)
  }
}
