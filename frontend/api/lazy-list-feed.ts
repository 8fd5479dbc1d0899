import type { ElectricListFeedOptions } from './electric-list-feed.ts'
import type { ListFeed } from './list-feed.ts'

/** The list feed, with its client loaded when somebody first follows: the page is up before it. */
export function createLazyListFeed(options: ElectricListFeedOptions): ListFeed {
  return (handlers) => {
    let stop: (() => void) | null = null
    let stopped = false
    import('./electric-list-feed.ts').then(
      ({ createElectricListFeed }) => {
        if (!stopped) stop = createElectricListFeed(options)(handlers)
      },
      () => handlers.onLive(false),
    )
    return () => {
      stopped = true
      stop?.()
    }
  }
}
