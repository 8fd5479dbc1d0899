/** Times as people say them, in the device's own time zone. */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

const two = (n: number) => String(n).padStart(2, '0')

/** The time of day, "14:06". */
export function clockWords(ms: number): string {
  const at = new Date(ms)
  return `${two(at.getHours())}:${two(at.getMinutes())}`
}

/** The day, "12 Nov", with the year where it is not this one. */
export function dayWords(ms: number, now: number): string {
  const at = new Date(ms)
  const day = `${at.getDate()} ${MONTHS[at.getMonth()]}`
  return at.getFullYear() === new Date(now).getFullYear() ? day : `${day} ${at.getFullYear()}`
}

/** When something happened: "just now", "4 min ago", "14:06", "yesterday 14:06", "12 Nov 14:06". */
export function whenWords(ms: number, now: number): string {
  const ago = now - ms
  if (ago < MINUTE_MS) return 'just now'
  if (ago < HOUR_MS) return `${Math.floor(ago / MINUTE_MS)} min ago`
  const daysBack = Math.round((midnight(now) - midnight(ms)) / DAY_MS)
  if (daysBack === 0) return clockWords(ms)
  if (daysBack === 1) return `yesterday ${clockWords(ms)}`
  return `${dayWords(ms, now)} ${clockWords(ms)}`
}

/** A moment in full, for a tooltip: "12 Nov 2026, 14:06:31". */
export function exactWords(ms: number): string {
  const at = new Date(ms)
  const day = `${at.getDate()} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`
  return `${day}, ${clockWords(ms)}:${two(at.getSeconds())}`
}

/** A length of time, rounded down to its largest unit: "40 s", "5 min", "3 h", "2 days". */
export function durationWords(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.floor(ms / 1000))} s`
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`
  const days = Math.floor(ms / DAY_MS)
  return days === 1 ? '1 day' : `${days} days`
}

function midnight(ms: number): number {
  const at = new Date(ms)
  // Noon and rounding would do too; the hours alone would not, on the days the clocks change.
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime()
}
