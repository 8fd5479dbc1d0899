/** How many bytes an archive and a message take, by the same compressors for everybody. */
import { brotliCompressSync, constants, deflateRawSync, gzipSync } from 'node:zlib'
import type { Bytes, Message, WireBytes } from './contestant.ts'

const bufferOf = (data: Message) => (typeof data === 'string' ? Buffer.from(data) : data)

/** The quality of Brotli beyond which it takes half a minute for ten megabytes. */
const BROTLI_QUALITY = 9

/** An archive is written once and read rarely: compressed as hard as is bearable. */
export function bytesOf(data: Message): Bytes {
  const raw = bufferOf(data)
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY }
  return {
    raw: raw.length,
    gzip: gzipSync(raw, { level: 9 }).length,
    brotli: brotliCompressSync(raw, { params }).length,
  }
}

/** Each message on its own: a server that kept a window for every socket would run out of memory. */
export function wireBytesOf(pushes: readonly Message[], operations: number): WireBytes {
  const buffers = pushes.map(bufferOf)
  const total = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + size, 0)
  return {
    raw: total(buffers.map(({ length }) => length)) / operations,
    deflated: total(buffers.map((push) => deflateRawSync(push).length)) / operations,
  }
}
