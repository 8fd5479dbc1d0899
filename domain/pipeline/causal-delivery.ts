/** Delivers events to a state in an order that causality allows, whatever order they arrive in. */
import type { PipelineEvent } from '../events/event.ts'
import { evolve, isApplied, isReady } from './evolve.ts'
import type { PipelineState } from './state.ts'

/**
 * Applies every event whose causes are in the state, in place, and returns those that still wait
 * for something they have seen. Hand them in again with the next arrivals.
 */
export function deliver(
  state: PipelineState,
  events: readonly PipelineEvent[],
): readonly PipelineEvent[] {
  let waiting = events
  for (;;) {
    const still = waiting.filter((event) => {
      if (isApplied(state, event)) return false
      if (!isReady(state, event)) return true
      evolve(state, event)
      return false
    })
    if (still.length === 0 || still.length === waiting.length) return still
    waiting = still
  }
}
