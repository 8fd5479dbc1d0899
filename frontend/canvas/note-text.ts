/**
 * The little formatting that notes use: headings, bullets, bold, links. Imported notes are written in
 * Markdown; everything that is not one of these stays as it was typed.
 */

export type NoteSpan =
  | { readonly kind: 'text' | 'bold'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }

export interface NoteLine {
  readonly kind: 'heading' | 'bullet' | 'text'
  readonly spans: readonly NoteSpan[]
}

const HEADING = /^#{1,6}\s+(.*)$/
const BULLET = /^\s*[-*]\s+(.*)$/
/** An image or a link, a bare address, or bold text. Only the web's own schemes become links. */
const SPAN = /!?\[([^\]]*)\]\(([^()\s]+)\)|(https?:\/\/[^\s<>)]+)|\*\*([^*]+)\*\*/g

export function noteLines(text: string): readonly NoteLine[] {
  return text.split('\n').map((line) => {
    const heading = HEADING.exec(line)
    if (heading) return { kind: 'heading', spans: spansOf(heading[1]!) }
    const bullet = BULLET.exec(line)
    if (bullet) return { kind: 'bullet', spans: spansOf(bullet[1]!) }
    return { kind: 'text', spans: spansOf(line) }
  })
}

function spansOf(line: string): readonly NoteSpan[] {
  const spans: NoteSpan[] = []
  let end = 0
  for (const match of line.matchAll(SPAN)) {
    if (match.index > end) spans.push({ kind: 'text', text: line.slice(end, match.index) })
    spans.push(spanOf(match))
    end = match.index + match[0].length
  }
  if (end < line.length) spans.push({ kind: 'text', text: line.slice(end) })
  return spans
}

function spanOf([whole, label, target, address, bold]: RegExpMatchArray): NoteSpan {
  if (bold !== undefined) return { kind: 'bold', text: bold }
  const href = address ?? target!
  if (!/^https?:\/\//i.test(href)) return { kind: 'text', text: label || whole }
  return { kind: 'link', text: label || href, href }
}
