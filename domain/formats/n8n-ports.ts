/**
 * Names of ports for n8n's pairs of a connection type and an index: `main` gives `out0`, `out1` …
 * on the one side and `in0` … on the other; any other type gives its own name, and from index 1 on
 * the index behind it: `ai_tool`, `ai_tool1`.
 *
 * Every port name can be read back, and reads as a pair that gives this same name again.
 */
import { limits } from '../limits.ts'
import { cutText } from './cut-text.ts'

export type Side = 'out' | 'in'

export interface N8nPort {
  readonly type: string
  /** From 0. */
  readonly index: number
}

const MAIN = 'main'

// Few digits, since n8n lists outputs one by one: a port `out999999999` must not make it do so.
const MAIN_PORT = { out: /^out(0|[1-9]\d{0,2})$/, in: /^in(0|[1-9]\d{0,2})$/ } as const
const TYPED_PORT = /^(.+?)([1-9]\d?)$/s

/** The greatest index that a port of a type is read back with. */
export function lastIndexOf(type: string): number {
  return isMain(type) ? 999 : 99
}

/** The name of a port; an empty type is taken for the main one. */
export function portOf(side: Side, { type, index }: N8nPort): string {
  if (isMain(type)) return side + index
  return cutText(index === 0 ? type : type + index, limits.lineCharacters)
}

/** The type and the index that a port's name stands for. */
export function n8nPortOf(side: Side, port: string): N8nPort {
  const main = MAIN_PORT[side].exec(port)
  if (main) return { type: MAIN, index: Number(main[1]) }
  const typed = TYPED_PORT.exec(port)
  if (!typed || typed[1] === MAIN) return { type: port, index: 0 }
  return { type: typed[1]!, index: Number(typed[2]) }
}

function isMain(type: string): boolean {
  return type === MAIN || type === ''
}
