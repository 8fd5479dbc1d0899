/**
 * The accepted connections: an acyclic graph in a topological order that is kept as links come.
 *
 * Source: the two-way search of Haeupler, Kavitha, Mathew, Sen, Tarjan, "Incremental Cycle
 * Detection, Topological Ordering, and Strong Component Maintenance" (ACM Transactions on Algorithms
 * 8, 2012). A link that agrees with the order costs nothing. One that does not is searched for a way
 * back from both its ends in turns, among the places between them, until the ends meet, or one side
 * has nowhere to go: then there is no way back, and what that side has found moves beyond the other
 * end. Taking a link away never breaks an order.
 */
import type { Stamp } from '../events/event.ts'
import type { ConnectionEnds } from '../events/pipeline-events.ts'
import { compareStamps } from './total-order.ts'

/** A step, as far as connections know it. */
export interface Node {
  readonly id: string
  /** Rises along every accepted link. */
  place: number
  previous: Node | null
  next: Node | null
  /** Accepted links that leave it and that lead to it, each in the order of T. */
  readonly outgoing: Link[]
  readonly incoming: Link[]
  /** The last search that found it from the start, and the link by which it did. */
  foundAfter: number
  cameBy: Link | null
  /** The last search that found it from the goal, and the link by which it leads there. */
  foundBefore: number
  goesBy: Link | null
}

/** A connection between two steps, and its turn: the stamp of its earliest addition. */
export interface Link {
  readonly ends: ConnectionEnds
  readonly turn: Stamp
  readonly from: Node
  readonly to: Node
}

/** Room between two neighbours for those that are moved between them. */
const ROOM = 1_024
/** Less room than this, and everything is numbered anew. */
const LEAST_ROOM = 1e-3

export class AcceptedGraph {
  #first: Node | null = null
  #last: Node | null = null
  #searches = 0

  /** A step that no link touches yet. */
  newNode(id: string): Node {
    const node: Node = {
      id,
      place: 0,
      previous: null,
      next: null,
      outgoing: [],
      incoming: [],
      foundAfter: 0,
      cameBy: null,
      foundBefore: 0,
      goesBy: null,
    }
    this.#insert([node], this.#last)
    return node
  }

  /** Lets go of a step that no link touches any more. */
  forgetNode(node: Node): void {
    this.#unlink(node)
  }

  /** Accepts a link without a look at cycles. */
  accept(link: Link): void {
    insertByTurn(link, link.from.outgoing)
    insertByTurn(link, link.to.incoming)
  }

  /**
   * Accepts a link unless it closes a cycle.
   * @returns null when it was accepted; otherwise accepted links that lead back
   */
  acceptAcyclic(link: Link): readonly Link[] | null {
    const { from, to } = link
    if (from.place > to.place) {
      const found = this.#search(to, from)
      if ('path' in found) return found.path
      if ('after' in found) this.#move(found.after, from)
      else this.#move(found.before, to.previous)
    }
    this.accept(link)
    return null
  }

  /** Takes an accepted link away. */
  remove(link: Link): void {
    const { outgoing } = link.from
    outgoing.splice(outgoing.indexOf(link), 1)
    const { incoming } = link.to
    incoming.splice(incoming.indexOf(link), 1)
  }

  /** Accepted links with turns before a link's own, that lead back from its end; null if none. */
  earlierPathBack({ from, to, turn }: Link): readonly Link[] | null {
    if (to.place > from.place) return null
    const found = this.#search(to, from, turn)
    return 'path' in found ? found.path : null
  }

  /**
   * The shortest accepted path back, by links with turns before one where that is given. Breadth
   * first, links in the order of T: among shortest paths the first that is found is the least when
   * compared link by link, since each level is visited in that same order.
   */
  shortestPathBack(
    { from, to }: Pick<Link, 'from' | 'to'>,
    before?: Stamp,
  ): readonly Link[] | null {
    if (to.place > from.place) return null
    const search = this.#begin()
    to.foundAfter = search
    const queue = [to]
    // The queue grows while it is gone through.
    for (const node of queue) {
      for (const link of node.outgoing) {
        if (isTooLate(link, before)) break
        const next = link.to
        if (next.foundAfter === search || next.place > from.place) continue
        next.foundAfter = search
        next.cameBy = link
        if (next === from) return pathOver(from, to, from)
        queue.push(next)
      }
    }
    return null
  }

  #begin(): number {
    this.#searches += 1
    return this.#searches
  }

  /** Some path between two steps, or all on one side that shows that there is none. */
  #search(
    start: Node,
    goal: Node,
    before?: Stamp,
  ): { readonly path: readonly Link[] } | { readonly after: Node[] } | { readonly before: Node[] } {
    const search = this.#begin()
    start.foundAfter = search
    goal.foundBefore = search
    const afterStart = [start]
    const beforeGoal = [goal]
    for (let i = 0; ; i++) {
      const ahead = afterStart[i]
      if (!ahead) return { after: afterStart }
      for (const link of ahead.outgoing) {
        // Both lists are in the order of T: all the others come later still.
        if (isTooLate(link, before)) break
        const { to } = link
        if (to.foundAfter === search || to.place > goal.place) continue
        to.foundAfter = search
        to.cameBy = link
        if (to.foundBefore === search) return { path: pathOver(to, start, goal) }
        afterStart.push(to)
      }
      const behind = beforeGoal[i]
      if (!behind) return { before: beforeGoal }
      for (const link of behind.incoming) {
        if (isTooLate(link, before)) break
        const { from } = link
        if (from.foundBefore === search || from.place < start.place) continue
        from.foundBefore = search
        from.goesBy = link
        if (from.foundAfter === search) return { path: pathOver(from, start, goal) }
        beforeGoal.push(from)
      }
    }
  }

  /** Moves steps, among themselves in the order that stands, to right after another. */
  #move(nodes: Node[], after: Node | null): void {
    nodes.sort((a, b) => a.place - b.place)
    for (const node of nodes) this.#unlink(node)
    this.#insert(nodes, after)
  }

  #unlink(node: Node): void {
    const { previous, next } = node
    if (previous) previous.next = next
    else this.#first = next
    if (next) next.previous = previous
    else this.#last = previous
    node.previous = null
    node.next = null
  }

  #insert(nodes: readonly Node[], after: Node | null): void {
    const before = after ? after.next : this.#first
    const least = after?.place ?? (before?.place ?? 0) - (nodes.length + 1) * ROOM
    const most = before?.place ?? least + (nodes.length + 1) * ROOM
    const room = (most - least) / (nodes.length + 1)
    let last = after
    nodes.forEach((node, i) => {
      node.place = least + (i + 1) * room
      node.previous = last
      if (last) last.next = node
      else this.#first = node
      last = node
    })
    if (last) last.next = before
    if (before) before.previous = last
    else this.#last = last
    if (room < LEAST_ROOM) this.#renumber()
  }

  #renumber(): void {
    let place = 0
    for (let node = this.#first; node; node = node.next) node.place = place += ROOM
  }
}

function insertByTurn(link: Link, links: Link[]): void {
  let at = links.length
  while (at > 0 && compareStamps(links[at - 1]!.turn, link.turn) > 0) at -= 1
  links.splice(at, 0, link)
}

function isTooLate(link: Link, before: Stamp | undefined): boolean {
  return before !== undefined && compareStamps(link.turn, before) >= 0
}

/** The path that was found over one step: by how it was reached, and by how it goes on. */
function pathOver(middle: Node, start: Node, goal: Node): readonly Link[] {
  const path: Link[] = []
  for (let node = middle; node !== start; node = node.cameBy!.from) path.push(node.cameBy!)
  path.reverse()
  for (let node = middle; node !== goal; node = node.goesBy!.to) path.push(node.goesBy!)
  return path
}
