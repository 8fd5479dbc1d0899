/** Points in time as Postgres keeps them: in microseconds, and further off than JavaScript's dates. */

const DATE = /^(\d{4}|[1-9]\d{4,5})-(\d\d)-(\d\d)/
const TIME = /^[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?/
const ZONE = /^(?:Z|([+-])(\d\d)(?::?(\d\d))?)$/i
const LAST_YEAR = 294_275

/** Microseconds since 1970, or Infinity or -Infinity. */
export type Microseconds = bigint | number

/** The text of a row, printed by Postgres in ISO style and UTC. */
export function readTimestamp(text: string): Microseconds {
  if (text === 'infinity') return Infinity
  if (text === '-infinity') return -Infinity
  const [, years, rest, era] = /^(\d+)(-.*)\+00( BC)?$/.exec(text)!
  const year = era ? 1 - Number(years) : Number(years)
  const [, month, day, hours, minutes, seconds, fraction = ''] =
    /^-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?$/.exec(rest!)!
  const day0 = daysSince1970(year, Number(month), Number(day))
  const second = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
  return microseconds(day0, second, fraction)
}

/**
 * A constant in ISO 8601: a date, or a date and a time, with a zone or in UTC.
 * @returns null for every other text
 */
export function parseTimestamp(text: string): Microseconds | null {
  const trimmed = text.trim()
  if (/^[+-]?infinity$/i.test(trimmed)) return trimmed.startsWith('-') ? -Infinity : Infinity
  const date = DATE.exec(trimmed)
  if (!date) return null
  const [year, month, day] = date.slice(1).map(Number) as [number, number, number]
  const afterDate = trimmed.slice(date[0].length)
  const time = TIME.exec(afterDate)
  const zone = time ? afterDate.slice(time[0].length).trimStart() : afterDate
  const offset = zone === '' ? 0 : secondsOfZone(zone)
  if (offset === null || (!time && zone !== '')) return null

  const [, hours = '0', minutes = '0', seconds = '0', fraction = ''] = time ?? []
  if (year < 1 || year > LAST_YEAR || month < 1 || month > 12) return null
  if (day < 1 || day > daysInMonth(year, month)) return null
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null
  const second = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds) - offset
  return microseconds(daysSince1970(year, month, day), second, fraction)
}

function secondsOfZone(zone: string): number | null {
  const match = ZONE.exec(zone)
  if (!match) return null
  const [, sign, hours = '0', minutes = '0'] = match
  // Postgres takes no zone further off.
  if (Number(hours) > 15 || Number(minutes) > 59) return null
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60)
}

function microseconds(days: number, seconds: number, fraction: string): bigint {
  return BigInt(days * 86_400 + seconds) * 1_000_000n + BigInt(fraction.padEnd(6, '0'))
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** In the Gregorian calendar at all times; year 0 is the one before 1. */
function daysSince1970(year: number, month: number, day: number): number {
  // Years that begin in March put the leap day last.
  const y = month > 2 ? year : year - 1
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100)
  return era * 146_097 + dayOfEra + dayOfYear - 719_468
}
