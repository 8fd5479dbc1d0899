/**
 * Values of one kind, side by side, in few bytes: what a compressor is handed.
 *
 * Whole numbers are laid out in planes, all lowest bytes first, for a compressor sees at once that
 * the high ones hardly differ. Texts that end in a number (`s_init_107`) become a few beginnings
 * and whole numbers; other texts lose what all begin with. Whatever is neither is written as JSON.
 */
import type { JsonValue } from '../../../domain/json.ts'

const Kind = { whole: 0, signed: 1, numbered: 2, text: 3, json: 4 } as const

/** Bytes that grow; numbers are written seven bits at a time, lowest first. */
export class ByteWriter {
  #bytes = new Uint8Array(1024)
  #length = 0

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  /** @param value a whole number from 0 to 2^53 - 1 */
  count(value: number): void {
    let rest = value
    for (; rest > 127; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128)
    this.byte(rest)
  }

  bytes(added: Uint8Array): void {
    this.#reserve(added.length)
    this.#bytes.set(added, this.#length)
    this.#length += added.length
  }

  text(text: string): void {
    const bytes = new TextEncoder().encode(text)
    this.count(bytes.length)
    this.bytes(bytes)
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = new Uint8Array(2 * (this.#length + more))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}

/** Reads what a `ByteWriter` wrote, in the same order. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** @throws RangeError at the end of the bytes */
  byte(): number {
    const value = this.#bytes[this.#at++]
    if (value === undefined) throw new RangeError('the bytes end too early')
    return value
  }

  count(): number {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }

  bytes(length: number): Uint8Array {
    this.#at += length
    if (this.#at > this.#bytes.length) throw new RangeError('the bytes end too early')
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  text(): string {
    return new TextDecoder().decode(this.bytes(this.count()))
  }
}

/** Writes the values of a column; how many they are is known to who reads. */
export function writeColumn(to: ByteWriter, values: readonly JsonValue[]): void {
  if (values.every(isWhole)) {
    to.byte(Kind.whole)
    writePlanes(to, values)
  } else if (values.every(isInteger)) {
    to.byte(Kind.signed)
    writePlanes(to, values.map(foldSign))
  } else if (values.every(isText)) {
    const parts = values.map(splitNumber)
    const beginnings = [...new Set(parts.map(([beginning]) => beginning))]
    if (2 * beginnings.length <= values.length) writeNumbered(to, parts, beginnings)
    else writeTexts(to, values)
  } else {
    to.byte(Kind.json)
    to.text(JSON.stringify(values))
  }
}

export function readColumn(from: ByteReader, length: number): JsonValue[] {
  switch (from.byte()) {
    case Kind.whole:
      return readPlanes(from, length)
    case Kind.signed:
      return readPlanes(from, length).map(unfoldSign)
    case Kind.numbered:
      return readNumbered(from, length)
    case Kind.text:
      return readTexts(from, length)
    default:
      return JSON.parse(from.text()) as JsonValue[]
  }
}

const isInteger = (value: JsonValue): value is number =>
  Number.isInteger(value) && Math.abs(value as number) < 2 ** 51 && !Object.is(value, -0)
/** Half of a pair of surrogates has no bytes of its own; JSON writes it as an escape. */
const isText = (value: JsonValue): value is string =>
  typeof value === 'string' && value.isWellFormed()
const isWhole = (value: JsonValue): value is number => isInteger(value) && value >= 0

/** 0, -1, 1, -2... as 0, 1, 2, 3: small whichever side of zero. */
const foldSign = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value)
const unfoldSign = (folded: number) => (folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2)

function writePlanes(to: ByteWriter, values: readonly number[]): void {
  const greatest = values.reduce((most, value) => Math.max(most, value), 0)
  const planes = greatest === 0 ? 0 : Math.floor(Math.log2(greatest) / 8) + 1
  to.byte(planes)
  for (let plane = 0; plane < planes; plane++) {
    to.bytes(Uint8Array.from(values, (value) => Math.floor(value / 256 ** plane) % 256))
  }
}

function readPlanes(from: ByteReader, length: number): number[] {
  const values = new Array<number>(length).fill(0)
  const planes = from.byte()
  for (let plane = 0; plane < planes; plane++) {
    from.bytes(length).forEach((byte, i) => (values[i]! += byte * 256 ** plane))
  }
  return values
}

/** A text's beginning, and the number it ends in plus one; 0 where it ends in none. */
type Numbered = readonly [beginning: string, number: number]

function splitNumber(text: string): Numbered {
  // Nine digits at most, and no zero before others: both would come back different.
  const digits = /(?<!\d)(?:0|[1-9]\d{0,8})$/.exec(text)?.[0]
  return digits === undefined ? [text, 0] : [text.slice(0, -digits.length), Number(digits) + 1]
}

function writeNumbered(
  to: ByteWriter,
  parts: readonly Numbered[],
  beginnings: readonly string[],
): void {
  const indexOf = new Map(beginnings.map((beginning, index) => [beginning, index]))
  to.byte(Kind.numbered)
  to.text(JSON.stringify(beginnings))
  writePlanes(
    to,
    parts.map(([beginning]) => indexOf.get(beginning)!),
  )
  writePlanes(
    to,
    parts.map(([, number]) => number),
  )
}

function readNumbered(from: ByteReader, length: number): string[] {
  const beginnings = JSON.parse(from.text()) as string[]
  const indices = readPlanes(from, length)
  return readPlanes(from, length).map((number, i) => {
    const beginning = beginnings[indices[i]!]!
    return number === 0 ? beginning : `${beginning}${number - 1}`
  })
}

function writeTexts(to: ByteWriter, texts: readonly string[]): void {
  const common = texts.reduce(commonBeginning)
  const rests = texts.map((text) => text.slice(common.length))
  to.byte(Kind.text)
  to.text(common)
  writePlanes(
    to,
    rests.map((rest) => rest.length),
  )
  to.text(rests.join(''))
}

function readTexts(from: ByteReader, length: number): string[] {
  const common = from.text()
  const lengths = readPlanes(from, length)
  const rests = from.text()
  let at = 0
  return lengths.map((size) => common + rests.slice(at, (at += size)))
}

function commonBeginning(left: string, right: string): string {
  let same = 0
  while (same < left.length && left[same] === right[same]) same++
  // A pair of surrogates stays together, for half of one cannot be written.
  const isHalved = same > 0 && /[\uD800-\uDBFF]/.test(left[same - 1]!)
  return left.slice(0, isHalved ? same - 1 : same)
}
