/** Who has which pipeline open, on this node, and where their cursors are. Lost on restart. */
import type { PipelineId } from '../../domain/ids.ts'
import type { PresentMember, PresenceUpdate } from '../../domain/protocol/messages.ts'

export interface PresenceBoard {
  show(pipelineId: PipelineId, connectionId: string, member: PresentMember): void
  hide(pipelineId: PipelineId, connectionId: string): void
  stop(): void
}

/** Cursor moves of everybody in a pipeline go out together, at most this often. */
const BROADCAST_EVERY_MS = 50

export function createPresenceBoard(
  broadcast: (connectionIds: readonly string[], update: PresenceUpdate) => void,
): PresenceBoard {
  const boards = new Map<PipelineId, Map<string, PresentMember>>()
  const timers = new Map<PipelineId, NodeJS.Timeout>()

  function announce(pipelineId: PipelineId): void {
    if (timers.has(pipelineId)) return
    const timer = setTimeout(() => {
      timers.delete(pipelineId)
      const board = boards.get(pipelineId)
      if (board) broadcast([...board.keys()], { pipelineId, members: [...board.values()] })
    }, BROADCAST_EVERY_MS)
    timers.set(pipelineId, timer)
  }

  return {
    show(pipelineId, connectionId, member) {
      const board = boards.get(pipelineId) ?? new Map<string, PresentMember>()
      boards.set(pipelineId, board.set(connectionId, { ...board.get(connectionId), ...member }))
      announce(pipelineId)
    },
    hide(pipelineId, connectionId) {
      const board = boards.get(pipelineId)
      if (!board?.delete(connectionId)) return
      if (board.size === 0) boards.delete(pipelineId)
      else announce(pipelineId)
    },
    stop() {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}
