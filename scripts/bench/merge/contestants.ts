/** Who takes part. Each is loaded by whoever measures it, so that no process holds two libraries. */
import type { Contestant } from './contestant.ts'

export const CONTESTANTS = {
  tributary: async (): Promise<Contestant> => (await import('./tributary.ts')).tributary,
  'plain fold': async (): Promise<Contestant> => (await import('./plain-fold.ts')).plainFold,
  yjs: async (): Promise<Contestant> => (await import('./yjs.ts')).yjs(true),
  'yjs, gc off': async (): Promise<Contestant> => (await import('./yjs.ts')).yjs(false),
  automerge: async (): Promise<Contestant> => (await import('./automerge.ts')).automerge,
  loro: async (): Promise<Contestant> => (await import('./loro.ts')).loro,
}

export type ContestantName = keyof typeof CONTESTANTS

/** The libraries to be ahead of; the fold is no merge that anybody should use. */
export const RIVALS: readonly ContestantName[] = ['yjs', 'yjs, gc off', 'automerge', 'loro']
