/**
 * The effective graph (rule M5): which connections count, as a pure function of those that exist.
 *
 * Two people can each add a connection that is fine alone and closes a cycle together; no merge of
 * sets can prevent that (acyclicity is not invariant-confluent: Bailis et al., "Coordination
 * Avoidance in Database Systems", VLDB 2014). So the connections take turns by T of their earliest
 * addition, and one that would close a cycle is suspended with the path that blocks it. Because the
 * outcome depends on what exists now, a suspended connection revives when that path goes.
 *
 * It is kept, not computed anew: a change looks again only at the connections whose turn can come
 * out otherwise. These are taken in the order of their turns, so that everything before the one
 * looked at is settled, and each wakes none but later ones:
 * - an accepted connection is sound as long as the accepted ones have no cycle;
 * - a suspended one is sound as long as the path stands that was found to block it, its witness; it
 *   is woken when a connection of its witness goes;
 * - a connection that closes a cycle by later ones alone goes first: the latest of these yields and
 *   takes its turn again.
 */
import type { Stamp } from '../events/event.ts'
import type { ConnectionEnds } from '../events/pipeline-events.ts'
import { limits } from '../limits.ts'
import { AcceptedGraph, type Link, type Node } from './accepted-graph.ts'
import type { ConnectionStatus, EffectiveGraph, GraphConnection, GraphKeeper } from './graph.ts'
import { exists, graphRuleOf, type PipelineState } from './state.ts'
import { compareStamps } from './total-order.ts'

/** The effective graph of a state. */
export function effectiveGraph(state: PipelineState): EffectiveGraph {
  const kept = (state.graph as GraphIndex | null) ?? new GraphIndex(state)
  if (kept !== state.graph) (state as { graph: GraphKeeper | null }).graph = kept
  return kept.of(state)
}

/** A step with its connections, whatever their place in the graph. */
interface Step extends Node {
  isThere: boolean
  readonly links: Set<ConnectionLink>
}

interface ConnectionLink extends Link {
  readonly key: string
  readonly from: Step
  readonly to: Step
  /** `waiting` until its turn comes. */
  status: ConnectionStatus | 'waiting'
  isQueued: boolean
  /** Suspended only: accepted links that lead back, all with earlier turns. */
  witness: readonly Link[]
  /** Suspended only: the path on show, once somebody has asked for it. */
  path: readonly Link[] | null
}

class GraphIndex implements GraphKeeper {
  readonly #isAcyclic: boolean
  readonly #graph = new AcceptedGraph()
  readonly #steps = new Map<string, Step>()
  readonly #links = new Map<string, ConnectionLink>()
  readonly #suspended = new Set<ConnectionLink>()
  readonly #shown = new Map<string, GraphConnection>()
  readonly #touchedConnections = new Set<string>()
  readonly #touchedSteps = new Set<string>()
  /** Waiting links, the one whose turn is next at the end. */
  #queue: ConnectionLink[] = []
  /** Links that were accepted or taken away since the graph was last shown. */
  readonly #accepted = new Set<ConnectionLink>()
  readonly #removed = new Set<ConnectionLink>()
  /** Links whose place may have changed since. */
  readonly #changed = new Set<ConnectionLink>()
  #now: EffectiveGraph | null = null

  constructor(state: PipelineState) {
    this.#isAcyclic = graphRuleOf(state) === 'acyclic'
    for (const key of state.connections.keys()) this.#touchedConnections.add(key)
  }

  touchConnection(key: string): void {
    this.#touchedConnections.add(key)
  }

  touchStep(id: string): void {
    this.#touchedSteps.add(id)
  }

  /** @param state the one state that this index is kept for */
  of(state: PipelineState): EffectiveGraph {
    if (this.#now && this.#touchedConnections.size === 0 && this.#touchedSteps.size === 0) {
      return this.#now
    }
    for (const id of this.#touchedSteps) this.#lookAtStep(id, state)
    for (const key of this.#touchedConnections) this.#lookAtConnection(key, state)
    this.#touchedSteps.clear()
    this.#touchedConnections.clear()
    this.#takeTurns()
    this.#show()
    this.#now = { connections: this.#shown, pathBack: this.#pathBack }
    return this.#now
  }

  #lookAtStep(id: string, state: PipelineState): void {
    const step = this.#steps.get(id)
    if (!step) return
    const isThere = isStepThere(id, state)
    if (isThere === step.isThere) return
    step.isThere = isThere
    for (const link of step.links) this.#enqueue(link)
  }

  #lookAtConnection(key: string, state: PipelineState): void {
    const connection = state.connections.get(key)!
    const link = this.#links.get(key)
    const isThere = exists(connection)
    if (link && isThere && link.turn === connection.earliestAdd) return
    if (link) this.#forget(link)
    if (!isThere) return
    const { ends, earliestAdd } = connection
    this.#enqueue(this.#newLink(key, ends, earliestAdd, state))
  }

  #newLink(key: string, ends: ConnectionEnds, turn: Stamp, state: PipelineState): ConnectionLink {
    const from = this.#step(ends.from.stepId, state)
    const to = this.#step(ends.to.stepId, state)
    const link: ConnectionLink = {
      key,
      ends,
      turn,
      from,
      to,
      status: 'waiting',
      isQueued: false,
      witness: [],
      path: null,
    }
    from.links.add(link)
    to.links.add(link)
    this.#links.set(key, link)
    return link
  }

  #step(id: string, state: PipelineState): Step {
    const known = this.#steps.get(id)
    if (known) return known
    const isThere = isStepThere(id, state)
    const step: Step = Object.assign(this.#graph.newNode(id), { isThere, links: new Set<never>() })
    this.#steps.set(id, step)
    return step
  }

  #forget(link: ConnectionLink): void {
    this.#leave(link)
    this.#links.delete(link.key)
    this.#shown.delete(link.key)
    this.#changed.delete(link)
    for (const step of [link.from, link.to]) {
      step.links.delete(link)
      if (step.links.size > 0 || !this.#steps.delete(step.id)) continue
      this.#graph.forgetNode(step)
    }
  }

  #enqueue(link: ConnectionLink): void {
    if (link.isQueued) return
    link.isQueued = true
    this.#queue.push(link)
  }

  #takeTurns(): void {
    // Nothing is settled yet, so that all may be sorted at once; what is woken finds its place.
    this.#queue.sort((a, b) => compareStamps(b.turn, a.turn))
    for (let link = this.#queue.pop(); link; link = this.#queue.pop()) {
      link.isQueued = false
      if (this.#links.get(link.key) === link) this.#takeTurn(link)
    }
  }

  #takeTurn(link: ConnectionLink): void {
    const { from, to } = link
    const hasEnds = from.isThere && to.isThere
    if (hasEnds && link.status === 'active') return
    this.#leave(link)
    this.#changed.add(link)
    if (!hasEnds) link.status = 'dangling'
    else if (!this.#isAcyclic) this.#graph.accept(link)
    else if (from === to) this.#suspend(link, [])
    else this.#acceptOrSuspend(link)
    if (link.status !== 'waiting') return
    link.status = 'active'
    this.#accepted.add(link)
  }

  #acceptOrSuspend(link: ConnectionLink): void {
    for (;;) {
      const path = this.#graph.acceptAcyclic(link)
      if (!path) return
      const latest = path.reduce((a, b) => (compareStamps(a.turn, b.turn) > 0 ? a : b))
      const isEarlier = compareStamps(latest.turn, link.turn) < 0
      const witness = isEarlier ? path : this.#graph.earlierPathBack(link)
      if (witness) return this.#suspend(link, witness)
      // It closes a cycle by later ones alone: the latest of them yields.
      this.#leave(latest as ConnectionLink)
      this.#wake(latest as ConnectionLink)
    }
  }

  #suspend(link: ConnectionLink, witness: readonly Link[]): void {
    link.status = 'suspended'
    link.witness = witness
    this.#suspended.add(link)
  }

  /** Takes a link out of its place, so that its turn can be taken again. */
  #leave(link: ConnectionLink): void {
    const { status } = link
    link.status = 'waiting'
    link.witness = []
    if (status === 'suspended') this.#suspended.delete(link)
    if (status !== 'active') return
    this.#graph.remove(link)
    this.#accepted.delete(link)
    this.#removed.add(link)
    for (const blocked of this.#suspended) {
      if (!isBetween(link, blocked) || !blocked.witness.includes(link)) continue
      this.#leave(blocked)
      this.#wake(blocked)
    }
  }

  /** Has a link take its turn among those that wait; it is always later than the present one. */
  #wake(link: ConnectionLink): void {
    if (link.isQueued) return
    link.isQueued = true
    let low = 0
    let high = this.#queue.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareStamps(this.#queue[middle]!.turn, link.turn) > 0) low = middle + 1
      else high = middle
    }
    this.#queue.splice(low, 0, link)
  }

  #show(): void {
    for (const link of this.#changed) this.#showLink(link)
    this.#changed.clear()
    this.#forgetPaths()
    this.#accepted.clear()
    this.#removed.clear()
  }

  #showLink(link: ConnectionLink): void {
    const { key, ends, status } = link
    link.path = null
    if (status === 'suspended') this.#shown.set(key, this.#showSuspended(link))
    else if (this.#shown.get(key)?.status !== status)
      this.#shown.set(key, shownAs(key, ends, status))
  }

  #showSuspended(link: ConnectionLink): GraphConnection {
    const { key, ends } = link
    const blockedBy = () => this.#blockedBy(link)
    return {
      key,
      ends,
      status: 'suspended',
      get blockedBy() {
        return blockedBy()
      },
    }
  }

  #blockedBy(link: ConnectionLink): readonly ConnectionEnds[] {
    if (link.from === link.to || link.status !== 'suspended') return []
    link.path ??= this.#graph.shortestPathBack(link, link.turn) ?? []
    return link.path.slice(0, limits.blockingConnections).map(({ ends }) => ends)
  }

  /** Paths that were asked for and may be others now: their connections are shown anew. */
  #forgetPaths(): void {
    if (this.#accepted.size === 0 && this.#removed.size === 0) return
    for (const link of this.#suspended) {
      if (!link.path || !this.#mayDiffer(link, link.path)) continue
      link.path = null
      this.#shown.set(link.key, this.#showSuspended(link))
    }
  }

  #mayDiffer(suspended: ConnectionLink, path: readonly Link[]): boolean {
    if (path.some((part) => this.#removed.has(part as ConnectionLink))) return true
    for (const link of this.#accepted) {
      if (isBetween(link, suspended) && compareStamps(link.turn, suspended.turn) < 0) return true
    }
    return false
  }

  readonly #pathBack = (ends: ConnectionEnds): readonly ConnectionEnds[] | null => {
    if (ends.from.stepId === ends.to.stepId) return []
    const from = this.#steps.get(ends.from.stepId)
    const to = this.#steps.get(ends.to.stepId)
    if (!from || !to) return null
    return this.#graph.shortestPathBack({ from, to })?.map((link) => link.ends) ?? null
  }
}

function shownAs(key: string, ends: ConnectionEnds, status: ConnectionLink['status']) {
  return { key, ends, status: status as ConnectionStatus }
}

function isStepThere(id: string, state: PipelineState): boolean {
  const step = state.steps.get(id)
  return step !== undefined && exists(step)
}

/** A path visits places that only rise: whether one by this link can block the other. */
function isBetween(link: Link, blocked: Link): boolean {
  return blocked.to.place <= link.from.place && link.to.place <= blocked.from.place
}
