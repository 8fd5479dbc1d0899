import { END_OF_SNAPSHOT, isAfter, type Offset } from './offset.ts'
import type { LogEntry, LogPart, ShapeLog, ShapeStorage } from './shape-log.ts'

interface KeptEntry extends LogEntry {
  readonly endsChunk: boolean
}

/**
 * Shapes in memory, gone with the process.
 * @param chunkBytes a chunk of the log ends with the change that reaches it
 */
export function createMemoryShapeStorage(chunkBytes: number): ShapeStorage {
  return { create: () => createMemoryShapeLog(chunkBytes) }
}

function createMemoryShapeLog(chunkBytes: number): ShapeLog {
  let chunks: string[] = []
  let entries: KeptEntry[] = []
  let bytes = 0
  let bytesOfChunk = 0
  // Everybody who follows live asks for the same part at once.
  let lastRead: { after: Offset; part: LogPart } | null = null

  const lastOffset = () => entries.at(-1)?.offset ?? END_OF_SNAPSHOT

  return {
    get bytes() {
      return bytes
    },
    get snapshotChunks() {
      return chunks.length
    },
    get lastOffset() {
      return lastOffset()
    },
    addSnapshotChunk(messages) {
      chunks.push(messages)
      bytes += Buffer.byteLength(messages)
    },
    append(added) {
      lastRead = null
      for (const entry of added) {
        // And the comma.
        const size = Buffer.byteLength(entry.message) + 1
        bytes += size
        bytesOfChunk += size
        const endsChunk = bytesOfChunk >= chunkBytes
        if (endsChunk) bytesOfChunk = 0
        entries.push({ ...entry, endsChunk })
      }
    },
    snapshotChunk: async (n) => chunks[n]!,
    async readAfter(after) {
      if (lastRead?.after.commit === after.commit && lastRead.after.op === after.op) {
        return lastRead.part
      }
      const from = firstAfter(entries, after)
      const endOfChunk = entries.findIndex(({ endsChunk }, n) => n >= from && endsChunk)
      const found = entries.slice(from, endOfChunk < 0 ? undefined : endOfChunk + 1)
      const messages = found.map(({ message }) => message).join(',')
      const part = { messages, end: found.at(-1)?.offset ?? lastOffset() }
      lastRead = { after, part }
      return part
    },
    drop() {
      chunks = []
      entries = []
      lastRead = null
      bytes = 0
    },
  }
}

/** Index of the first entry after a place, by halving. */
function firstAfter(entries: readonly LogEntry[], place: Offset): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isAfter(entries[middle]!.offset, place)) high = middle
    else low = middle + 1
  }
  return low
}
