/**
 * Brings what follows from an account into the event log, exactly once, whatever happens between.
 *
 * The accounts and the log may live in two databases, so no transaction spans both. An account is
 * therefore written together with the events that announce it, their ids already chosen. After that
 * they are appended and the note is removed. Should the process die before the append, the next
 * sweep of any node appends; should it die before the removal, the sweep finds the events in their
 * stream by their ids. Two nodes that append the same at once get the same answer from the log.
 */
import type { StoredEvent } from '../../domain/events/event.ts'
import type { Revision, StreamId } from '../../domain/ids.ts'
import type { EventLog } from '../../domain/log/event-log.ts'
import type { Announcement, AuthStore } from './auth-store.ts'

export interface Announcer {
  /** Appends what is not in the log yet. */
  announce(announcements: readonly Announcement[]): Promise<void>
  /** Announces what was left behind, by this node or one that died. */
  sweep(): Promise<void>
  /** Sweeps now and then every few seconds. */
  start(): Promise<void>
  stop(): void
}

export interface AnnouncerPorts {
  readonly store: Pick<AuthStore, 'pendingAnnouncements' | 'settleAnnouncement'>
  readonly log: EventLog
  /** Called when an announcement is in the log, before its maker is told. */
  readonly onAnnounced: (streamId: StreamId) => Promise<void>
  readonly onError: (error: unknown) => void
}

const SWEEP_MS = 5_000
/** Announcements of one sweep; the rest waits for the next. */
const SWEEP_LIMIT = 100
const PAGE = 1_000

export function createAnnouncer(ports: AnnouncerPorts): Announcer {
  const { store, log, onError } = ports
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  async function announceOne(announcement: Announcement): Promise<void> {
    for (;;) {
      const { revision, found } = await lookFor(announcement, log)
      if (found) break
      const { streamId, events } = announcement
      const result = await log.append({ streamId, expectedRevision: revision, events })
      if (result.ok) break
    }
    await ports.onAnnounced(announcement.streamId)
    await store.settleAnnouncement(announcement)
  }

  async function sweep(): Promise<void> {
    for (const announcement of await store.pendingAnnouncements(SWEEP_LIMIT)) {
      await announceOne(announcement).catch(onError)
    }
  }

  async function sweepForever(): Promise<void> {
    await sweep().catch(onError)
    if (!stopped) timer = setTimeout(() => void sweepForever(), SWEEP_MS).unref()
  }

  return {
    sweep,
    start: sweepForever,
    async announce(announcements) {
      for (const announcement of announcements) await announceOne(announcement)
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

async function lookFor(
  { streamId, events }: Announcement,
  log: EventLog,
): Promise<{ revision: Revision; found: boolean }> {
  const id = events[0]!.id
  let revision = 0 as Revision
  for await (const { event, revision: at } of streamEvents(log, streamId)) {
    if (event.id === id) return { revision: at, found: true }
    revision = at
  }
  return { revision, found: false }
}

async function* streamEvents(log: EventLog, streamId: StreamId): AsyncGenerator<StoredEvent> {
  let after = 0 as Revision
  for (;;) {
    const page = await log.readStream(streamId, { after, limit: PAGE })
    yield* page
    if (page.length < PAGE) return
    after = page.at(-1)!.revision
  }
}
