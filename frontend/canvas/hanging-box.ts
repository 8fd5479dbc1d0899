/**
 * A step with everything that hangs below it (an agent with its model, memory and tools) as one box for
 * the layout: the step's card in the middle on top, what it uses in rows below it, each of those again
 * with what hangs below that.
 */
import type { Placement } from '../../domain/events/pipeline-events.ts'
import { STEP_WIDTH } from './geometry.ts'
import type { LaidConnection, LaidStep } from './laid-steps.ts'

const BESIDE = 24
/** Room for the names of ports, and for the wires to spread. */
const BELOW = 72
/** More in a row is wider than a screen. */
const MOST_IN_ROW = 5

export interface HangingBox {
  readonly step: LaidStep
  readonly width: number
  readonly height: number
  /** Where each card lies, its own included, from the box's top left corner. */
  readonly cards: ReadonlyMap<string, Placement>
}

export interface HangingBoxes {
  /** One for each step that hangs below no other, in the order of the steps. */
  readonly boxes: readonly HangingBox[]
  /** The box that a step is in, by the id of the box's own step. */
  readonly boxOf: ReadonlyMap<string, string>
}

export function hangingBoxes(
  steps: readonly LaidStep[],
  connections: readonly LaidConnection[],
): HangingBoxes {
  const holders = holdersOf(steps, connections)
  const below = new Map<string, LaidStep[]>()
  for (const step of steps) {
    const holder = holders.get(step.id)
    if (holder !== undefined) below.set(holder, [...(below.get(holder) ?? []), step])
  }
  const boxes = steps.filter((step) => !holders.has(step.id)).map((step) => boxOf(step, below))
  return {
    boxes,
    boxOf: new Map(
      boxes.flatMap(({ step, cards }) => [...cards.keys()].map((id) => [id, step.id])),
    ),
  }
}

/** Who holds each step that hangs: one that is used by others and has no part in the flow. */
function holdersOf(
  steps: readonly LaidStep[],
  connections: readonly LaidConnection[],
): ReadonlyMap<string, string> {
  const inFlow = new Set<string>()
  for (const { from, to, hangs } of connections) if (!hangs) inFlow.add(from).add(to)
  const known = new Set(steps.map((step) => step.id))
  const holders = new Map<string, string>()
  for (const { from, to, hangs } of connections) {
    if (!hangs || inFlow.has(from) || holders.has(from)) continue
    if (known.has(from) && known.has(to) && !leadsTo(to, from, holders)) holders.set(from, to)
  }
  return holders
}

function leadsTo(start: string, goal: string, holders: ReadonlyMap<string, string>): boolean {
  for (let id: string | undefined = start; id !== undefined; id = holders.get(id)) {
    if (id === goal) return true
  }
  return false
}

function boxOf(step: LaidStep, below: ReadonlyMap<string, readonly LaidStep[]>): HangingBox {
  const hung = [...(below.get(step.id) ?? [])]
    .sort((a, b) => a.placement.x - b.placement.x)
    .map((one) => boxOf(one, below))
  const rows: HangingBox[][] = []
  for (let at = 0; at < hung.length; at += MOST_IN_ROW) rows.push(hung.slice(at, at + MOST_IN_ROW))
  const widthOf = (row: readonly HangingBox[]) =>
    row.reduce((sum, box) => sum + box.width + BESIDE, -BESIDE)
  const width = Math.max(STEP_WIDTH, ...rows.map(widthOf))
  const cards = new Map([[step.id, { x: (width - STEP_WIDTH) / 2, y: 0 }]])
  let height = step.height
  for (const row of rows) {
    let left = (width - widthOf(row)) / 2
    for (const box of row) {
      for (const [id, { x, y }] of box.cards) cards.set(id, { x: left + x, y: height + BELOW + y })
      left += box.width + BESIDE
    }
    height += BELOW + Math.max(...row.map((box) => box.height))
  }
  return { step, width, height, cards }
}
