/**
 * The accepted connections: an acyclic graph in a topological order that is kept as links come.
 *
 * Source: Pearce, Kelly, "A Dynamic Topological Sort Algorithm for Directed Acyclic Graphs" (ACM
 * Journal of Experimental Algorithmics 11, 2006). A link that agrees with the order costs nothing;
 * one that does not moves only the steps between its ends. Taking a link away never breaks an order.
 * The order also bounds every search: a path visits places that only rise.
 */
import type { Stamp } from '../events/event.ts'
import type { ConnectionEnds } from '../events/pipeline-events.ts'
import { compareStamps } from './total-order.ts'

/** A step, as far as connections know it. */
export interface Node {
  readonly id: string
  place: number
  /** Accepted links that leave it, in the order of T. */
  readonly outgoing: Link[]
  readonly incoming: Link[]
  /** The search that last came by, and the link that it came by. */
  search: number
  cameBy: Link | null
}

/** A connection between two steps, and its turn: the stamp of its earliest addition. */
export interface Link {
  readonly ends: ConnectionEnds
  readonly turn: Stamp
  readonly from: Node
  readonly to: Node
}

export class AcceptedGraph {
  #places = 0
  #searches = 0

  /** A step that no link touches yet. */
  newNode(id: string): Node {
    this.#places += 1
    const place = this.#places
    return { id, place, outgoing: [], incoming: [], search: 0, cameBy: null }
  }

  /** Accepts a link. In an acyclic graph there must be no path back: see `pathBack`. */
  accept(link: Link, isAcyclic: boolean): void {
    const { from, to } = link
    if (isAcyclic && from.place > to.place) this.#reorder(from, to)
    let at = from.outgoing.length
    while (at > 0 && compareStamps(from.outgoing[at - 1]!.turn, link.turn) > 0) at -= 1
    from.outgoing.splice(at, 0, link)
    to.incoming.push(link)
  }

  /** Takes an accepted link away. */
  remove(link: Link): void {
    const { outgoing } = link.from
    outgoing.splice(outgoing.indexOf(link), 1)
    const { incoming } = link.to
    incoming.splice(incoming.indexOf(link), 1)
  }

  /**
   * Some accepted path from where a link leads to where it comes from; null if none.
   * @param before only by links whose turn is before this one, where it is given
   */
  pathBack({ from, to }: Pick<Link, 'from' | 'to'>, before?: Stamp): readonly Link[] | null {
    if (to.place > from.place) return null
    const search = this.#begin(to)
    const stack = [to]
    for (let node = stack.pop(); node; node = stack.pop()) {
      for (const link of node.outgoing) {
        // The links that leave a step are in the order of T: all the others come later still.
        if (before && compareStamps(link.turn, before) >= 0) break
        const next = link.to
        if (next.search === search || next.place > from.place) continue
        next.search = search
        next.cameBy = link
        if (next === from) return pathTo(from)
        stack.push(next)
      }
    }
    return null
  }

  /**
   * The shortest of those paths. Breadth first, links in the order of T: among shortest paths the
   * first that is found is the least when compared link by link, since each level is visited in
   * that same order.
   */
  shortestPathBack(
    { from, to }: Pick<Link, 'from' | 'to'>,
    before?: Stamp,
  ): readonly Link[] | null {
    if (to.place > from.place) return null
    const search = this.#begin(to)
    const queue = [to]
    // The queue grows while it is gone through.
    for (const node of queue) {
      for (const link of node.outgoing) {
        if (before && compareStamps(link.turn, before) >= 0) break
        const next = link.to
        if (next.search === search || next.place > from.place) continue
        next.search = search
        next.cameBy = link
        if (next === from) return pathTo(from)
        queue.push(next)
      }
    }
    return null
  }

  #begin(start: Node): number {
    this.#searches += 1
    start.search = this.#searches
    start.cameBy = null
    return this.#searches
  }

  /** Gives the steps between two ends other places, so that `from` comes before `to`. */
  #reorder(from: Node, to: Node): void {
    const after = this.#reach(to, (node) => nodesAfter(node, from.place))
    const before = this.#reach(from, (node) => nodesBefore(node, to.place))
    const moved = [...before, ...after]
    const places = moved.map(({ place }) => place).sort((a, b) => a - b)
    moved.forEach((node, i) => (node.place = places[i]!))
  }

  /** Everything that is reached from a step, in the order that stands. */
  #reach(start: Node, next: (node: Node) => Iterable<Node>): Node[] {
    const search = this.#begin(start)
    const reached = [start]
    for (const node of reached) {
      for (const other of next(node)) {
        if (other.search === search) continue
        other.search = search
        reached.push(other)
      }
    }
    return reached.sort((a, b) => a.place - b.place)
  }
}

function* nodesAfter({ outgoing }: Node, most: number): Generator<Node> {
  for (const { to } of outgoing) if (to.place <= most) yield to
}

function* nodesBefore({ incoming }: Node, least: number): Generator<Node> {
  for (const { from } of incoming) if (from.place >= least) yield from
}

function pathTo(goal: Node): readonly Link[] {
  const path: Link[] = []
  for (let link = goal.cameBy; link; link = link.from.cameBy) path.push(link)
  return path.reverse()
}
