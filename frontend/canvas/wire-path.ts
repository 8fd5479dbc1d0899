/**
 * The line of a connection. Forwards it is one curve. Backwards it leaves to the right all the same,
 * passes below both ends (or between them, where there is room) and comes in from the left: so a
 * line's direction can be read without an arrow.
 */

import type { Rect } from './minimap.ts'

export interface WireEnds {
  readonly sourceX: number
  readonly sourceY: number
  readonly targetX: number
  readonly targetY: number
  /** It leaves at the upper edge of a card and ends at the lower edge of another. */
  readonly hangs?: boolean
}

export interface WirePath {
  /** The `d` of an SVG path. */
  readonly d: string
  /** Where a label belongs: on the line, half way. */
  readonly middle: { readonly x: number; readonly y: number }
}

/** Cards may overlap a little, as imported ones do, and a line between them is not yet backward. */
const OVERLAP = 60
/** What a line bends by at least, however close its ends. */
const MIN_PULL = 30
/** How far a backward line swings out beyond its ends, and how far below them it passes. */
const SWING = 60
const DROP = 110
/** The vertical distance between the ends at which there is room for a line between two cards. */
const ROOM = 150

/** What a backward line's label must not lie on: the cards, in canvas coordinates. */
export type Obstacles = () => readonly Rect[]

export function wirePath(
  { sourceX, sourceY, targetX, targetY, hangs }: WireEnds,
  obstacles: Obstacles = () => [],
): WirePath {
  if (hangs) return hangingPath(sourceX, sourceY, targetX, targetY)
  const forward = targetX - sourceX
  if (forward >= -OVERLAP) {
    const pull = Math.max(forward / 2, MIN_PULL)
    return {
      d: `M${sourceX},${sourceY} C${sourceX + pull},${sourceY} ${targetX - pull},${targetY} ${targetX},${targetY}`,
      middle: { x: (sourceX + targetX) / 2, y: (sourceY + targetY) / 2 },
    }
  }
  const x = (sourceX + targetX) / 2
  const apart = Math.abs(targetY - sourceY)
  const y =
    apart >= ROOM
      ? (sourceY + targetY) / 2
      : below(x, Math.max(sourceY, targetY) + DROP, obstacles())
  const swing = SWING + Math.min(-forward / 12, SWING)
  return {
    d:
      `M${sourceX},${sourceY} C${sourceX + swing},${sourceY} ${sourceX + swing},${y} ${x},${y} ` +
      `C${targetX - swing},${y} ${targetX - swing},${targetY} ${targetX},${targetY}`,
    middle: { x, y },
  }
}

/** From the top of what is used up to the bottom of what uses it. */
function hangingPath(fromX: number, fromY: number, toX: number, toY: number): WirePath {
  const pull = Math.max(Math.abs(fromY - toY) / 2, MIN_PULL)
  return {
    d: `M${fromX},${fromY} C${fromX},${fromY - pull} ${toX},${toY + pull} ${toX},${toY}`,
    middle: { x: (fromX + toX) / 2, y: (fromY + toY) / 2 },
  }
}

/** Half the size of the longest label, with some air. */
const LABEL = { width: 130, height: 18 }

/** The first height from `y` down at which a label around `x` lies on no card. */
function below(x: number, y: number, cards: readonly Rect[]): number {
  const inTheWay = cards
    .filter((card) => card.x < x + LABEL.width && card.x + card.width > x - LABEL.width)
    .sort((a, b) => a.y - b.y)
  return inTheWay.reduce(
    (height, card) =>
      card.y < height + LABEL.height && card.y + card.height > height - LABEL.height
        ? card.y + card.height + LABEL.height + 6
        : height,
    y,
  )
}
