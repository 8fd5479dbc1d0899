/** The list of pipelines as the server's read model has it, followed live. */

/** One pipeline of the list. */
export interface ListedPipeline {
  readonly id: string
  readonly teamId: string
  readonly name: string
  readonly status: 'active' | 'archived'
  /** Milliseconds since 1970. */
  readonly updatedAt: number
  readonly updatedBy: string | null
  readonly steps: number
  readonly conflicts: number
}

export interface ListFeedHandlers {
  /** All rows, whenever the server's answer is complete and whenever it changes. */
  readonly onRows: (rows: readonly ListedPipeline[]) => void
  /** Whether the server is being followed; it goes on trying by itself while it is not. */
  readonly onLive: (live: boolean) => void
}

/** Starts following; returns what stops it. */
export type ListFeed = (handlers: ListFeedHandlers) => () => void
