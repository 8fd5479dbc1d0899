/** Takes a shape's snapshot into its log, in chunks. */
import type { ShapeDatabase, TextValues } from './shape-database.ts'
import type { Shape } from './shape.ts'
import { snapshotEnd, snapshotMessage } from './shape-messages.ts'

/** The rows are more than one shape may hold. */
export class ShapeTooLarge extends Error {
  readonly maxBytes: number

  constructor(maxBytes: number) {
    super(
      `The shape is larger than the ${maxBytes} bytes that one shape may hold. Narrow it with ` +
        'where or columns, or raise MAX_SHAPE_SIZE.',
    )
    this.name = 'ShapeTooLarge'
    this.maxBytes = maxBytes
  }
}

export interface FillOptions {
  readonly chunkBytes: number
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/**
 * @param shape takes the feed's changes already
 * @throws ShapeTooLarge, ShapesUnavailable, the signal's reason
 */
export async function fillShape(
  shape: Shape,
  database: Pick<ShapeDatabase, 'readSnapshot'>,
  { chunkBytes, maxBytes, signal }: FillOptions,
): Promise<void> {
  const { definition, teamIds, log } = shape
  let chunk: string[] = []
  let bytesOfChunk = 0
  let bytes = 0

  const endChunk = () => {
    log.addSnapshotChunk(chunk.join(','))
    chunk = []
    bytesOfChunk = 0
  }
  const add = (message: string) => {
    if (bytesOfChunk >= chunkBytes) endChunk()
    // And the comma.
    const size = Buffer.byteLength(message) + 1
    bytesOfChunk += size
    bytes += size
    if (bytes > maxBytes) throw new ShapeTooLarge(maxBytes)
    chunk.push(message)
  }
  const onRows = (rows: readonly TextValues[]) => {
    for (const values of rows) {
      const row = Object.fromEntries(definition.columns.map((name, n) => [name, values[n]!]))
      add(snapshotMessage(definition, row))
    }
  }

  const snapshot = await database.readSnapshot({ definition, teamIds, onRows, signal })
  chunk.push(snapshotEnd(snapshot))
  endChunk()
  shape.begin(snapshot)
}
