/** A person's device in this process: the real replica over a memory store and a test server. */
import { Subject } from 'rxjs'
import { v7 } from 'uuid'
import type { ActorId, PipelineId, ReplicaId } from '../../domain/ids.ts'
import { canonicalJson } from '../../domain/json.ts'
import { viewOf } from '../../domain/pipeline/view.ts'
import { DeviceReplica } from '../../frontend/replica/device-replica.ts'
import type { LocalStore } from '../../frontend/replica/local-store.ts'
import type { PipelineCopy } from '../../frontend/replica/pipeline-copy.ts'
import { sleep } from '../../frontend/replica/sleep.ts'
import type { TabChannel, UploadLock } from '../../frontend/replica/upload-lock.ts'
import { createMemoryStore } from '../../frontend/storage/memory-store.ts'
import type { TestServer } from './sync-server.ts'

export interface TestDevice {
  readonly replica: DeviceReplica
  readonly store: LocalStore
  readonly actorId: ActorId
  /** Opens a pipeline and waits until it is shown. */
  open(id: PipelineId): Promise<PipelineCopy>
  goOffline(): void
  goOnline(): void
  /** Waits until nothing waits in the queue. */
  synced(): Promise<void>
  stop(): Promise<void>
}

export interface TestDeviceOptions {
  readonly replicaId?: string
  readonly store?: LocalStore
  readonly now?: () => number
  readonly batchSize?: number
  /** Of several tabs that share a store; else the device has one tab, which always uploads. */
  readonly tab?: { readonly channel: TabChannel; readonly lock: UploadLock }
}

let minted = 0

export async function startDevice(
  server: TestServer,
  actorId: ActorId,
  {
    replicaId,
    store = createMemoryStore(),
    now = Date.now,
    batchSize = 100,
    tab = { channel: silentChannel(), lock: ownLock() },
  }: TestDeviceOptions = {},
): Promise<TestDevice> {
  let isOnline = true
  const online = new Subject<boolean>()
  const set = (value: boolean) => {
    isOnline = value
    online.next(value)
  }
  const mint = () => `r${String(++minted).padStart(11, '0')}` as ReplicaId
  const device = await store.write(async (tx) => {
    const known = await tx.device()
    const fresh = { replicaId: (replicaId ?? mint()) as ReplicaId, epoch: 0, clockOffset: 0 }
    if (!known) await tx.putDevice(fresh)
    return known ?? fresh
  })
  const transport = server.transportOf(actorId)
  const replica = new DeviceReplica(device.replicaId, {
    store,
    transport: {
      async connect(token, id) {
        if (!isOnline) throw new Error('offline')
        return transport.connect(token, id)
      },
    },
    api: server.apiOf(actorId),
    ...tab,
    actorId,
    token: () => 'token',
    now,
    newId: () => v7(),
    newReplicaId: mint,
    online,
    isOnline: () => isOnline,
    sleep,
    retryIntervals: [5, 10, 20],
    batchSize,
    maxOfflineQueue: 100_000,
  })
  replica.start()
  return {
    replica,
    store,
    actorId,
    async open(id) {
      const copy = replica.open(id)
      await until(() => copy.status !== 'loading', 'the pipeline to open')
      return copy
    },
    goOffline: () => set(false),
    goOnline: () => set(true),
    synced: () =>
      until(
        async () => (await store.read((tx) => tx.queueSize())).events === 0,
        'the queue to empty',
      ),
    stop: () => replica.stop(),
  }
}

function silentChannel(): TabChannel {
  return { post: () => undefined, listen: () => () => undefined, close: () => undefined }
}

function ownLock() {
  const ended = new AbortController()
  return {
    hold: (work: (signal: AbortSignal) => Promise<void>) => void work(ended.signal),
    release: () => ended.abort(),
  }
}

/** Waits until something holds; fails with its name when it never does. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 5_000,
): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** What a person sees of a pipeline, as text that can be compared. */
export const screenOf = (copy: PipelineCopy) => canonicalJson(viewOf(copy.state))
