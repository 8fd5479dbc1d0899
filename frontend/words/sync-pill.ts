/**
 * What the status pill says, as a pure function of where the device stands.
 *
 * Two independent questions meet in one pill: what is not on the server yet, and whether the server
 * can be reached. It never says "saved" alone for what is on this device only, and it counts what
 * the person did, not events.
 */
import type { SyncStatus } from '../replica/replica.ts'
import { counted } from './counted.ts'
import { clockWords, durationWords } from './when.ts'

export type PillTone = 'good' | 'busy' | 'warn' | 'bad'
export type PillIcon =
  'synced' | 'syncing' | 'offline' | 'unreachable' | 'locked' | 'attention' | 'failed' | 'update'
export type PillAction = 'retry' | 'backup' | 'sign-in' | 'reload' | 'review'

export interface PillView {
  readonly tone: PillTone
  readonly icon: PillIcon
  readonly text: string
  /** One sentence that says what happens next, or what to do. */
  readonly detail: string
  readonly actions: readonly PillAction[]
}

/** @param now milliseconds since 1970 */
export function syncPill(status: SyncStatus, now: number): PillView {
  const { connection, pendingGestures: pending, refusedGestures: refused, storage } = status
  if (storage === 'failed') {
    return {
      tone: 'bad',
      icon: 'failed',
      text: 'Not saved on this device',
      detail: 'This device is out of space. Download a backup, then free some space.',
      actions: ['backup', 'retry'],
    }
  }
  if (connection === 'upgrade-required') {
    return {
      tone: 'warn',
      icon: 'update',
      text: 'Update required',
      detail: pending
        ? `${kept(pending, storage)} Reload to get the new version, which sends them.`
        : 'The server has a newer version. Reload to get it.',
      actions: pending ? ['reload', 'backup'] : ['reload'],
    }
  }
  if (connection === 'signed-out') return signedOut(pending, storage)
  if (connection === 'connected') {
    return refused > 0 ? needsAttention(refused) : connected(status, pending, now)
  }
  return disconnected(status, pending, now)
}

function signedOut(pending: number, storage: SyncStatus['storage']): PillView {
  return {
    tone: 'warn',
    icon: 'locked',
    text: pending ? `Sign in to sync ${counted(pending, 'change')}` : 'Sign in to sync',
    detail: pending
      ? `Your session has ended. ${kept(pending, storage)}`
      : 'Your session has ended. You can go on reading what is on this device.',
    actions: pending ? ['sign-in', 'backup'] : ['sign-in'],
  }
}

function needsAttention(refused: number): PillView {
  return {
    tone: 'warn',
    icon: 'attention',
    text: `${counted(refused, 'change')} ${refused === 1 ? 'needs' : 'need'} attention`,
    detail: 'The server did not take it. Its content is kept on this device.',
    actions: ['review'],
  }
}

function connected(status: SyncStatus, pending: number, now: number): PillView {
  if (status.sending || pending > 0) {
    return {
      tone: 'busy',
      icon: 'syncing',
      text: pending ? `Syncing ${pending.toLocaleString('en')}…` : 'Syncing…',
      detail: 'Sending your changes to the server.',
      actions: [],
    }
  }
  const at = status.lastSyncedAt
  const sameDay = at !== null && now - at < 20 * 3_600_000
  return {
    tone: 'good',
    icon: 'synced',
    text: 'Synced',
    detail: sameDay ? `All changes synced · ${clockWords(at)}` : 'All changes synced',
    actions: [],
  }
}

function disconnected(status: SyncStatus, pending: number, now: number): PillView {
  const backup: readonly PillAction[] = pending ? ['retry', 'backup'] : ['retry']
  const count = pending.toLocaleString('en')
  if (status.connection === 'offline') {
    const where = status.storage === 'durable' ? 'saved on this device' : 'not saved'
    return {
      tone: 'warn',
      icon: 'offline',
      text: pending ? `Offline, ${count} ${where}` : 'Offline',
      detail:
        status.storage === 'durable'
          ? "You can go on editing. We'll sync when you're back."
          : 'You can go on editing, but keep this page open: nothing survives closing it.',
      actions: backup,
    }
  }
  if (status.connection === 'unreachable') {
    const wait = status.nextRetryAt === null ? null : Math.max(0, status.nextRetryAt - now)
    return {
      tone: 'warn',
      icon: 'unreachable',
      text: pending ? `Can't reach the server, ${count} waiting` : "Can't reach the server",
      detail: wait ? `Retrying in ${durationWords(wait + 999)}` : 'Retrying now',
      actions: backup,
    }
  }
  return {
    tone: 'busy',
    icon: 'syncing',
    text: pending ? `Connecting, ${count} waiting` : 'Connecting…',
    detail: 'Connecting to the server.',
    actions: [],
  }
}

function kept(pending: number, storage: SyncStatus['storage']): string {
  const verb = pending === 1 ? 'is' : 'are'
  return storage === 'durable'
    ? `${counted(pending, 'change')} ${verb} kept on this device.`
    : `${counted(pending, 'change')} ${verb} in this page only: keep it open.`
}
