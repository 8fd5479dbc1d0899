/** What people are called, as their account streams tell. */
import { isPipelineEvent } from '../../domain/events/event.ts'
import { accountStream, type ActorId, type StreamId } from '../../domain/ids.ts'
import type { EventLog } from '../../domain/log/event-log.ts'
import { evolveAccount, initialAccount, type AccountState } from '../../domain/team/team.ts'

export interface AccountNames {
  of(userId: ActorId): Promise<Pick<AccountState, 'name' | 'avatarUrl'>>
  /** Reads an account again: its stream has grown. */
  forget(streamId: StreamId): void
}

/** Accounts kept in memory; an account is some hundred bytes. */
const MAX_CACHED = 10_000
/** An account changes a few times in its life. */
const MAX_EVENTS = 1_000

/**
 * @param sweep announces accounts that are made and not in the log yet: one that is found without
 *   events is read again after it
 */
export function createAccountNames(log: EventLog, sweep: () => Promise<void>): AccountNames {
  const cache = new Map<StreamId, Promise<AccountState>>()

  async function read(userId: ActorId): Promise<AccountState> {
    const account = await fold(userId)
    if (account.name !== null) return account
    await sweep()
    return fold(userId)
  }

  async function fold(userId: ActorId): Promise<AccountState> {
    const stored = await log.readStream(accountStream(userId), { limit: MAX_EVENTS })
    return stored.reduce(
      (state, { event }) => (isPipelineEvent(event) ? state : evolveAccount(state, event)),
      initialAccount(userId),
    )
  }

  return {
    of(userId) {
      const key = accountStream(userId)
      const known = cache.get(key)
      if (known) return known
      const account = read(userId)
      cache.set(key, account)
      account.catch(() => cache.delete(key))
      if (cache.size > MAX_CACHED) cache.delete(cache.keys().next().value!)
      return account
    },
    forget: (streamId) => void cache.delete(streamId),
  }
}
