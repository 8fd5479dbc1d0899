import type { Position, TeamId } from '../../domain/ids.ts'

/** The teams that the log has up to a position, kept so that a start need not read all of it. */
export interface TeamIndex {
  load(): Promise<{ readonly teamIds: readonly TeamId[]; readonly position: Position }>
  /** Adds teams, and notes up to where the log was looked through for them. */
  save(found: { readonly teamIds: readonly TeamId[]; readonly position: Position }): Promise<void>
  /** Forgets the position, so that the log is looked through from its start. */
  reset(): Promise<void>
}
