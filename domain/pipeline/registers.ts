/**
 * The registers of one thing, by field: a small map that is never changed, only replaced.
 *
 * A pipeline has thousands of things and nearly every event replaces the registers of one of them,
 * so this is laid out for that: the names in one array, shared by every version of a thing and by
 * things with the same fields, and a flat row of cells, two to a field. A field that holds one write
 * has that write's stamp and value in its cells; one that holds several has the whole register in
 * the first, and the value on show in the second.
 */
import { includes, type VersionVector } from '../clock/version-vector.ts'
import type { Stamp } from '../events/event.ts'
import type { JsonValue } from '../json.ts'
import type { FieldName, FieldWrite } from './effects.ts'
import { writeRegister, type Register, type Write } from './register.ts'

export type Cell = Stamp | Register | JsonValue | undefined

export class Registers {
  static readonly none = new Registers([], [], 0)

  /** In the order of UTF-16 code units. */
  readonly names: readonly FieldName[]
  /** For each name a stamp and a value, or a register of several writes and the value on show. */
  readonly cells: readonly Cell[]
  /** How many of the fields hold several writes. */
  readonly contested: number

  constructor(names: readonly FieldName[], cells: readonly Cell[], contested: number) {
    this.names = names
    this.cells = cells
    this.contested = contested
  }

  has(field: FieldName): boolean {
    return this.names.includes(field)
  }

  /** The writes that a field holds; undefined where it was never written. */
  get(field: FieldName): Register | undefined {
    const at = this.names.indexOf(field)
    return at < 0 ? undefined : this.#register(at)
  }

  /** The value on show; undefined for `absent` and for a field never written. */
  shown(field: FieldName): JsonValue | undefined {
    const at = this.names.indexOf(field)
    return at < 0 ? undefined : (this.cells[2 * at + 1] as JsonValue | undefined)
  }

  *values(): Generator<Register> {
    for (let at = 0; at < this.names.length; at++) yield this.#register(at)
  }

  /** Every field with its register, in the order of the names. */
  *[Symbol.iterator](): Generator<readonly [FieldName, Register]> {
    for (let at = 0; at < this.names.length; at++) yield [this.names[at]!, this.#register(at)]
  }

  /** Whether any write that is held is outside what a vector includes. */
  someOutside(vector: VersionVector): boolean {
    for (let i = 0; i < this.cells.length; i += 2) {
      const head = this.cells[i] as Stamp | Register
      if (!isRegister(head)) {
        if (!includes(vector, head)) return true
      } else if (head.some(({ stamp }) => !includes(vector, stamp))) return true
    }
    return false
  }

  /** The registers after the writes of one event, which has seen `clock`. */
  write(writes: readonly FieldWrite[], stamp: Stamp, clock: VersionVector): Registers {
    if (this.names.length === 0) return begun(writes, stamp)
    let names = this.names
    const cells = this.cells.slice()
    let contested = this.contested
    for (const [field, value] of writes) {
      let at = names.indexOf(field)
      if (at < 0) {
        at = placeOf(field, names)
        names = names.toSpliced(at, 0, field)
        cells.splice(2 * at, 0, stamp, value)
        continue
      }
      const head = cells[2 * at] as Stamp | Register
      if (!isRegister(head) && includes(clock, head)) {
        cells[2 * at] = stamp
        cells[2 * at + 1] = value
        continue
      }
      const before = isRegister(head) ? head : registerOf(head, cells[2 * at + 1])
      const after = writeRegister(before, writeOf(stamp, value), clock)
      contested += Number(after.length > 1) - Number(before.length > 1)
      ;[cells[2 * at], cells[2 * at + 1]] = cellsOf(after)
    }
    return new Registers(names, cells, contested)
  }

  #register(at: number): Register {
    const head = this.cells[2 * at] as Stamp | Register
    return isRegister(head) ? head : registerOf(head, this.cells[2 * at + 1])
  }
}

export function isRegister(head: Cell): head is Register {
  return Array.isArray(head)
}

/** The registers of a thing that is written for the first time. */
function begun(writes: readonly FieldWrite[], stamp: Stamp): Registers {
  const names: FieldName[] = []
  const cells: Cell[] = []
  for (const [field, value] of writes) {
    const at = placeOf(field, names)
    names.splice(at, 0, field)
    cells.splice(2 * at, 0, stamp, value)
  }
  return new Registers(names, cells, 0)
}

/** Where a field goes among sorted names that do not have it. */
function placeOf(field: FieldName, names: readonly FieldName[]): number {
  let at = names.length
  while (at > 0 && names[at - 1]! > field) at -= 1
  return at
}

function writeOf(stamp: Stamp, value: JsonValue | undefined): Write {
  return value === undefined ? { stamp } : { stamp, value }
}

const registerOf = (stamp: Stamp, value: Cell): Register => [
  writeOf(stamp, value as JsonValue | undefined),
]

function cellsOf(register: Register): readonly [Cell, Cell] {
  const [shown] = register
  return [register.length === 1 ? shown!.stamp : register, shown!.value]
}
