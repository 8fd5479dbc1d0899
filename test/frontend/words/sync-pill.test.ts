import { expect } from 'chai'
import type { SyncStatus } from '../../../frontend/replica/replica.ts'
import { syncPill } from '../../../frontend/words/sync-pill.ts'

const NOW = new Date(2026, 10, 12, 12, 4, 40).getTime()
const HEALTHY: SyncStatus = {
  connection: 'connected',
  pendingGestures: 0,
  pendingEvents: 0,
  sending: false,
  refusedGestures: 0,
  nextRetryAt: null,
  lastSyncedAt: NOW - 40_000,
  storage: 'durable',
}
const pill = (status: Partial<SyncStatus>) => syncPill({ ...HEALTHY, ...status }, NOW)
const textOf = (status: Partial<SyncStatus>) => pill(status).text

describe('the status pill', () => {
  describe('of a device that is connected', () => {
    it('is synced, and says since when', () => {
      expect(pill({})).to.deep.equal({
        tone: 'good',
        icon: 'synced',
        text: 'Synced',
        detail: 'All changes synced · 12:04',
        actions: [],
      })
    })
    it('leaves out a time that would be another day’s', () => {
      expect(pill({ lastSyncedAt: NOW - 3 * 86_400_000 }).detail).to.equal('All changes synced')
      expect(pill({ lastSyncedAt: null }).detail).to.equal('All changes synced')
    })
    it('counts gestures, not events, while it sends', () => {
      expect(textOf({ pendingGestures: 3, pendingEvents: 240, sending: true })).to.equal(
        'Syncing 3…',
      )
      expect(textOf({ pendingGestures: 1, pendingEvents: 1 })).to.equal('Syncing 1…')
    })
    it('asks for a look at what was refused', () => {
      const one = pill({ refusedGestures: 1 })
      expect(one.text).to.equal('1 change needs attention')
      expect(one.actions).to.deep.equal(['review'])
      expect(textOf({ refusedGestures: 2 })).to.equal('2 changes need attention')
    })
  })

  describe('of a device without a network', () => {
    it('says what is saved on this device', () => {
      const offline = pill({ connection: 'offline', pendingGestures: 5 })
      expect(offline.text).to.equal('Offline, 5 saved on this device')
      expect(offline.tone).to.equal('warn')
      expect(offline.actions).to.deep.equal(['retry', 'backup'])
    })
    it('has nothing to back up where nothing waits', () => {
      const offline = pill({ connection: 'offline' })
      expect(offline.text).to.equal('Offline')
      expect(offline.actions).to.deep.equal(['retry'])
    })
    it('does not claim to have saved what is in memory only', () => {
      const offline = pill({ connection: 'offline', pendingGestures: 5, storage: 'memory' })
      expect(offline.text).to.equal('Offline, 5 not saved')
      expect(offline.detail).to.contain('nothing survives closing it')
    })
    it('says that it is offline first, and that something was refused only then', () => {
      expect(textOf({ connection: 'offline', refusedGestures: 1 })).to.equal('Offline')
    })
  })

  describe('of a device whose server does not answer', () => {
    it('says how long until it tries again, and offers to try now', () => {
      const away = pill({
        connection: 'unreachable',
        pendingGestures: 5,
        nextRetryAt: NOW + 11_500,
      })
      expect(away.text).to.equal("Can't reach the server, 5 waiting")
      expect(away.detail).to.equal('Retrying in 12 s')
      expect(away.actions).to.deep.equal(['retry', 'backup'])
    })
    it('is trying now where no time is set or it has come', () => {
      expect(pill({ connection: 'unreachable' }).detail).to.equal('Retrying now')
      expect(pill({ connection: 'unreachable', nextRetryAt: NOW - 1 }).detail).to.equal(
        'Retrying now',
      )
    })
    it('is busy while it connects', () => {
      expect(pill({ connection: 'connecting', pendingGestures: 2 })).to.include({
        tone: 'busy',
        text: 'Connecting, 2 waiting',
      })
    })
  })

  describe('of a session that has ended', () => {
    it('asks to sign in, and says that nothing is dropped', () => {
      const ended = pill({ connection: 'signed-out', pendingGestures: 5 })
      expect(ended.text).to.equal('Sign in to sync 5 changes')
      expect(ended.detail).to.equal('Your session has ended. 5 changes are kept on this device.')
      expect(ended.actions).to.deep.equal(['sign-in', 'backup'])
    })
    it('counts one change as one', () => {
      expect(textOf({ connection: 'signed-out', pendingGestures: 1 })).to.equal(
        'Sign in to sync 1 change',
      )
    })
  })

  describe('of a device in trouble', () => {
    it('lets a full store stand above everything else', () => {
      for (const connection of [
        'connected',
        'offline',
        'signed-out',
        'upgrade-required',
      ] as const) {
        const failed = pill({ connection, storage: 'failed', pendingGestures: 3 })
        expect(failed.text).to.equal('Not saved on this device')
        expect(failed.tone).to.equal('bad')
        expect(failed.actions).to.include('backup')
      }
    })
    it('keeps the queue when the program is too old', () => {
      const old = pill({ connection: 'upgrade-required', pendingGestures: 2 })
      expect(old.text).to.equal('Update required')
      expect(old.detail).to.contain('2 changes are kept on this device.')
      expect(old.actions).to.deep.equal(['reload', 'backup'])
    })
  })
})
