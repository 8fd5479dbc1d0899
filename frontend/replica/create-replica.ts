/** Puts a person's replica together in a browser: the only place that knows all its parts. */
import { fromEvent, map, merge } from 'rxjs'
import { v7 } from 'uuid'
import type { ActorId, ReplicaId } from '../../domain/ids.ts'
import { openDexieStore } from '../storage/dexie-store.ts'
import { createMemoryStore } from '../storage/memory-store.ts'
import { createSocketTransport } from '../transport/socket-transport.ts'
import { createTabChannel } from '../transport/tab-channel.ts'
import { DeviceReplica } from './device-replica.ts'
import type { LocalStore } from './local-store.ts'
import type { Replica } from './replica.ts'
import { sleep } from './sleep.ts'
import type { PipelineApi } from './transport.ts'
import { createUploadLock } from './upload-lock.ts'

export interface ReplicaOptions {
  readonly userId: string
  readonly token: () => string | null
  readonly api: PipelineApi
  /** Of `GET /api/config`. */
  readonly config: {
    readonly syncBatchSize: number
    readonly maxOfflineQueue: number
    readonly retryIntervals: readonly number[]
  }
  /** The server's address; the page's own by default. */
  readonly origin?: string
}

/** Opens the person's copy on this device and starts to sync it. */
export async function createReplica(options: ReplicaOptions): Promise<Replica> {
  const store = await openStore(options.userId)
  const name = `tributary-${options.userId}`
  const now = () => Date.now()
  const channel = createTabChannel(name)
  const replica = new DeviceReplica(await replicaIdOf(store), {
    store,
    transport: createSocketTransport(options.origin ?? location.origin),
    api: options.api,
    channel,
    // Without a shared store there is nothing to share with other tabs either.
    lock: createUploadLock(name, channel, now, store.durable ? navigator.locks : undefined),
    actorId: options.userId as ActorId,
    token: options.token,
    now,
    newId: () => v7(),
    newReplicaId: mintReplicaId,
    online: merge(
      fromEvent(window, 'online').pipe(map(() => true)),
      fromEvent(window, 'offline').pipe(map(() => false)),
    ),
    isOnline: () => navigator.onLine,
    sleep,
    retryIntervals: options.config.retryIntervals,
    batchSize: options.config.syncBatchSize,
    maxOfflineQueue: options.config.maxOfflineQueue,
  })
  replica.start()
  return replica
}

/** IndexedDB where the browser allows it; else memory, and the status says so. */
async function openStore(userId: string): Promise<LocalStore> {
  try {
    return await openDexieStore(userId)
  } catch {
    return createMemoryStore()
  }
}

/** The device's replica id, minted at its first use by this person. */
async function replicaIdOf(store: LocalStore): Promise<ReplicaId> {
  return store.write(async (tx) => {
    const device = await tx.device()
    if (device) return device.replicaId
    const replicaId = mintReplicaId()
    await tx.putDevice({ replicaId, epoch: 0, clockOffset: 0 })
    return replicaId
  })
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** 12 characters of a-z and 0-9: 62 bits, enough never to meet the same one twice. */
function mintReplicaId(): ReplicaId {
  const bytes = new Uint8Array(64)
  let id = ''
  while (id.length < 12) {
    crypto.getRandomValues(bytes)
    // 252 is the largest multiple of 36 in a byte: what lies above would favour the first letters.
    for (const byte of bytes) if (byte < 252 && id.length < 12) id += ALPHABET[byte % 36]
  }
  return id as ReplicaId
}
