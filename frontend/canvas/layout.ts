/**
 * Lays a pipeline out from left to right, and keeps what a person knows of it: the connected parts are
 * laid out one by one and stacked in the order in which they stood, steps of one rank keep theirs as
 * far as the wires allow, and the whole stays where it was. The same pipeline gives the same picture.
 */
import { Graph, layout } from '@dagrejs/dagre'
import type { Placement } from '../../domain/events/pipeline-events.ts'
import { STEP_WIDTH, contains, snapped } from './geometry.ts'
import { hangingBoxes } from './hanging-box.ts'
import type { LaidConnection, LaidStep } from './laid-steps.ts'

/** Room between ranks for a port's name, and between cards for a wire and a person's label. */
const RANK_GAP = 90
const STEP_GAP = 40
const PART_GAP = 90
/** More than this in a row of steps without connections is wider than a screen. */
const LONERS_PER_ROW = 6
/** From here on dagre's exact ranking takes seconds, and its quick one is as good to look at. */
const MANY_STEPS = 400

/** Where each step goes; a connection with a missing end is left out of account. */
export function laidOut(
  steps: readonly LaidStep[],
  connections: readonly LaidConnection[],
): Map<string, Placement> {
  if (steps.length === 0) return new Map()
  const ordered = [...steps].sort(inOrder)
  const { parts, loners } = connectedParts(ordered, connections)
  const blocks = parts.map((part) => laidPart(part, connections))
  if (loners.length > 0) blocks.push(inRows(loners))
  return anchored(stacked(blocks), ordered)
}

interface Block {
  readonly placements: ReadonlyMap<string, Placement>
  readonly height: number
}

const inOrder = (a: LaidStep, b: LaidStep) =>
  a.placement.y - b.placement.y ||
  a.placement.x - b.placement.x ||
  (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** The steps that hang together, topmost part first, and those that no connection touches. */
function connectedParts(
  steps: readonly LaidStep[],
  connections: readonly LaidConnection[],
): { parts: LaidStep[][]; loners: LaidStep[] } {
  const neighbours = new Map<string, string[]>(steps.map((step) => [step.id, []]))
  for (const { from, to } of connections) {
    if (from === to || !neighbours.has(from) || !neighbours.has(to)) continue
    neighbours.get(from)!.push(to)
    neighbours.get(to)!.push(from)
  }
  const partOf = new Map<string, LaidStep[]>()
  const parts: LaidStep[][] = []
  const loners: LaidStep[] = []
  for (const step of steps) {
    if (neighbours.get(step.id)!.length === 0) loners.push(step)
    else if (!partOf.has(step.id)) parts.push(mark(step.id, neighbours, partOf))
  }
  for (const step of steps) partOf.get(step.id)?.push(step)
  return { parts, loners }
}

function mark(
  start: string,
  neighbours: ReadonlyMap<string, readonly string[]>,
  partOf: Map<string, LaidStep[]>,
): LaidStep[] {
  const part: LaidStep[] = []
  const open = [start]
  partOf.set(start, part)
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of neighbours.get(id)!) {
      if (partOf.has(next)) continue
      partOf.set(next, part)
      open.push(next)
    }
  }
  return part
}

function laidPart(part: readonly LaidStep[], connections: readonly LaidConnection[]): Block {
  const graph = new Graph({ multigraph: false })
  graph.setGraph({
    rankdir: 'LR',
    ranksep: RANK_GAP,
    nodesep: STEP_GAP,
    edgesep: STEP_GAP / 2,
    acyclicer: 'greedy',
    ranker: part.length > MANY_STEPS ? 'longest-path' : 'network-simplex',
  })
  graph.setDefaultEdgeLabel(() => ({}))
  const { boxes, boxOf } = hangingBoxes(part, connections)
  for (const { step, width, height } of boxes) graph.setNode(step.id, { width, height })
  for (const ends of connections) {
    const from = boxOf.get(ends.from)
    const to = boxOf.get(ends.to)
    if (from !== undefined && to !== undefined && from !== to) graph.setEdge(from, to)
  }
  layout(graph)
  const placements = new Map<string, Placement>()
  for (const { step, width, height, cards } of boxes) {
    const { x, y } = graph.node(step.id) as Placement
    for (const [id, card] of cards) {
      placements.set(id, { x: x - width / 2 + card.x, y: y - height / 2 + card.y })
    }
  }
  return block(placements, part)
}

function inRows(loners: readonly LaidStep[]): Block {
  const tallest = Math.max(...loners.map((step) => step.height))
  const placements = new Map(
    loners.map(({ id }, index): [string, Placement] => [
      id,
      {
        x: (index % LONERS_PER_ROW) * (STEP_WIDTH + RANK_GAP),
        y: Math.floor(index / LONERS_PER_ROW) * (tallest + STEP_GAP),
      },
    ]),
  )
  return block(placements, loners)
}

/** A block begins at 0, 0. */
function block(placements: ReadonlyMap<string, Placement>, steps: readonly LaidStep[]): Block {
  const left = Math.min(...[...placements.values()].map(({ x }) => x))
  const top = Math.min(...[...placements.values()].map(({ y }) => y))
  const moved = new Map<string, Placement>()
  for (const [id, { x, y }] of placements) moved.set(id, { x: x - left, y: y - top })
  return {
    placements: moved,
    height: Math.max(...steps.map(({ id, height }) => moved.get(id)!.y + height)),
  }
}

function stacked(blocks: readonly Block[]): Map<string, Placement> {
  const placements = new Map<string, Placement>()
  let top = 0
  for (const block of blocks) {
    for (const [id, { x, y }] of block.placements) placements.set(id, { x, y: y + top })
    top += block.height + PART_GAP
  }
  return placements
}

/** Puts the top left corner of all where it was. */
function anchored(
  placements: ReadonlyMap<string, Placement>,
  before: readonly LaidStep[],
): Map<string, Placement> {
  const corner = snapped({
    x: Math.min(...before.map(({ placement }) => placement.x)),
    y: Math.min(...before.map(({ placement }) => placement.y)),
  })
  const result = new Map<string, Placement>()
  for (const [id, { x, y }] of placements) {
    result.set(id, snapped({ x: corner.x + x, y: corner.y + y }))
  }
  return result
}

/** A note as the layout sees it. */
export interface LaidNote {
  readonly id: string
  readonly placement: Placement
  readonly size: { readonly width: number; readonly height: number }
}

/**
 * Where notes go when the steps under them have moved: by as far as those steps did on average. A note
 * that lies under no step stays.
 */
export function notesAlong(
  notes: readonly LaidNote[],
  steps: readonly LaidStep[],
  placements: ReadonlyMap<string, Placement>,
): Map<string, Placement> {
  const result = new Map<string, Placement>()
  for (const { id, placement, size } of notes) {
    const box = {
      left: placement.x,
      top: placement.y,
      right: placement.x + size.width,
      bottom: placement.y + size.height,
    }
    const shifts = steps.flatMap((step) => {
      const { x, y } = step.placement
      const to = placements.get(step.id)
      const covered = contains(box, { x: x + STEP_WIDTH / 2, y: y + step.height / 2 })
      return to && covered ? [{ x: to.x - x, y: to.y - y }] : []
    })
    if (shifts.length === 0) continue
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const x = placement.x + mean(shifts.map((shift) => shift.x))
    const y = placement.y + mean(shifts.map((shift) => shift.y))
    result.set(id, snapped({ x, y }))
  }
  return result
}
