/**
 * Takes connections in turn and leaves out each one that would close a cycle with those before it.
 *
 * The steps are kept in a topological order of what is accepted, and a connection that goes against
 * it moves only the steps in between (Pearce and Kelly, "A dynamic topological sort algorithm for
 * directed acyclic graphs", JEA 2007). Searching the graph anew for every connection would let a
 * file of the largest size hold the server for minutes.
 */

interface Graph {
  readonly next: readonly number[][]
  readonly previous: readonly number[][]
  /** The place of each step in an order that no accepted connection goes against. */
  readonly place: Int32Array
}

/** The accepted connections, in the order given; `from` and `to` are members of `ids`. */
export function acceptAcyclic<C extends { readonly from: string; readonly to: string }>(
  ids: readonly string[],
  connections: readonly C[],
): C[] {
  const indexes = new Map(ids.map((id, index) => [id, index]))
  const links = connections.map(({ from, to }) => [indexes.get(from)!, indexes.get(to)!] as const)
  const all = emptyLists(ids.length)
  for (const [from, to] of links) all[from]!.push(to)
  const graph: Graph = {
    next: emptyLists(ids.length),
    previous: emptyLists(ids.length),
    place: likelyPlaces(all),
  }
  return connections.filter((_, index) => accept(graph, ...links[index]!))
}

const emptyLists = (count: number): number[][] => Array.from({ length: count }, () => [])

/**
 * An order that agrees with all connections but those that lead back in a search from step to step;
 * where nothing closes a cycle, with all of them. It is only to begin with: any order would do.
 */
function likelyPlaces(next: readonly (readonly number[])[]): Int32Array {
  const place = new Int32Array(next.length).fill(-1)
  const visited = new Set<number>()
  let free = next.length
  for (const start of next.keys()) {
    const path = visited.has(start) ? [] : [{ step: start, tried: 0 }]
    visited.add(start)
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const step = next[top.step]![top.tried++]
      if (step === undefined) {
        place[top.step] = --free
        path.pop()
      } else if (!visited.has(step)) {
        visited.add(step)
        path.push({ step, tried: 0 })
      }
    }
  }
  return place
}

function accept({ next, previous, place }: Graph, from: number, to: number): boolean {
  if (from === to) return false
  const low = place[to]!
  const high = place[from]!
  if (low < high) {
    const after = reach(to, next, (step) => place[step]! <= high)
    if (after.has(from)) return false
    const before = reach(from, previous, (step) => place[step]! >= low)
    const byPlace = (a: number, b: number): number => place[a]! - place[b]!
    // What leads to `from` comes first, then what `to` leads to; together they keep their places.
    const inOrder = [...[...before].sort(byPlace), ...[...after].sort(byPlace)]
    const places = inOrder.map((step) => place[step]!).sort((a, b) => a - b)
    for (const [index, step] of inOrder.entries()) place[step] = places[index]!
  }
  next[from]!.push(to)
  previous[to]!.push(from)
  return true
}

function reach(
  start: number,
  neighbours: readonly (readonly number[])[],
  isBetween: (step: number) => boolean,
): Set<number> {
  const reached = new Set([start])
  for (const step of reached) {
    for (const neighbour of neighbours[step]!) if (isBetween(neighbour)) reached.add(neighbour)
  }
  return reached
}
