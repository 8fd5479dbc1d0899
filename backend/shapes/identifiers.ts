/** Names as they are written in SQL: quoted and taken as they are, or plain and folded. */

const PART = /\s*(?:"((?:[^"]|"")+)"|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*))\s*/y

/**
 * Names between separators, such as `"id","has,comma"` or `public.pipelines`.
 * @returns null where the text is anything else
 */
export function parseIdentifiers(text: string, separator: ',' | '.'): string[] | null {
  const names: string[] = []
  for (let at = 0; ;) {
    PART.lastIndex = at
    const match = PART.exec(text)
    if (!match) return null
    const [whole, quoted, plain] = match
    names.push(quoted?.replaceAll('""', '"') ?? plain!.toLowerCase())
    at += whole.length
    if (at === text.length) return names
    if (text[at] !== separator) return null
    at += 1
  }
}
