/** What a field is called on the screen. */
import { CONFIG_PREFIX, type FieldName } from '../../domain/pipeline/effects.ts'

const LABELS: Readonly<Record<string, string>> = {
  name: 'Name',
  kind: 'Kind',
  enabled: 'Enabled',
  placement: 'Position',
  size: 'Size',
  description: 'Description',
  graphRule: 'Cycles',
  archived: 'Archived',
  text: 'Text',
  body: 'Comment',
  resolved: 'Resolved',
  foreign: 'Imported data',
}

/** A field's label; for a config key, the key spelt as words. */
export function fieldLabel(field: FieldName): string {
  if (!field.startsWith(CONFIG_PREFIX)) return LABELS[field] ?? field
  return keyLabel(field.slice(CONFIG_PREFIX.length))
}

/** Abbreviations that are written in capitals. */
const CAPITALS = new Set(['url', 'uri', 'id', 'api', 'http', 'sql', 'json', 'html', 'csv', 'ip'])

/** Units at the end of a key; they are set apart, as in "Timeout, seconds". */
const UNITS = new Set(['ms', 'seconds', 'minutes', 'hours', 'days', 'bytes', 'percent'])

/** A key as words: `maxRetries` gives "Max retries", `timeoutSeconds` gives "Timeout, seconds". */
export function keyLabel(key: string): string {
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .filter((word) => word !== '')
  if (words.length === 0) return key
  const spelt = words.map((word) => {
    const lower = word.toLowerCase()
    if (CAPITALS.has(lower)) return lower.toUpperCase()
    // A word that was all capitals stays so: it is somebody's constant.
    return word === word.toUpperCase() && word.length > 1 ? word : lower
  })
  const unit = spelt.length > 1 && UNITS.has(spelt.at(-1)!) ? `, ${spelt.pop()}` : ''
  const text = spelt.join(' ') + unit
  return text.charAt(0).toUpperCase() + text.slice(1)
}
