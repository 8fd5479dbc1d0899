/** The three kinds of stream, and what each is folded into. */
import { isPipelineEvent, isStoredPipelineEvent } from '../domain/events/event.ts'
import { isUuid, type ActorId, type PipelineId, type StreamId, type TeamId } from '../domain/ids.ts'
import {
  evolveAccount,
  evolveTeam,
  initialAccount,
  initialTeam,
  type AccountState,
  type TeamState,
} from '../domain/team/team.ts'
import type { StreamKind } from './fold-cache.ts'
import { foldPipelineEvent, initialPipelineFold, type PipelineFold } from './pipeline-fold.ts'

export type StreamName =
  | { readonly kind: 'pipeline'; readonly id: PipelineId }
  | { readonly kind: 'team'; readonly id: TeamId }
  | { readonly kind: 'account'; readonly id: ActorId }

/** What a stream's name says; null for a stream that is not ours, or whose id is no uuid. */
export function readStreamName(streamId: StreamId): StreamName | null {
  const [, kind, id] = /^(pipeline|team|account)-(.+)$/.exec(streamId) ?? []
  return kind && id && isUuid(id) ? ({ kind, id } as StreamName) : null
}

const idOf = (streamId: StreamId): string => readStreamName(streamId)!.id

export const pipelineKind: StreamKind<PipelineFold> = {
  initial: (streamId) => initialPipelineFold(idOf(streamId) as PipelineId),
  advance: (fold, stored) =>
    isStoredPipelineEvent(stored) ? foldPipelineEvent(fold, stored) : fold,
}

export const teamKind: StreamKind<TeamState> = {
  initial: (streamId) => initialTeam(idOf(streamId) as TeamId),
  advance: (team, { event }) => (isPipelineEvent(event) ? team : evolveTeam(team, event)),
}

export const accountKind: StreamKind<AccountState> = {
  initial: (streamId) => initialAccount(idOf(streamId) as ActorId),
  advance: (account, { event }) =>
    isPipelineEvent(event) ? account : evolveAccount(account, event),
}
