/** A sentence in parts, so that names can be set in bold and old and new values marked. */
export interface SentencePart {
  readonly text: string
  readonly as?: 'name' | 'old' | 'new'
}

export type Sentence = readonly SentencePart[]

/** The sentence as one text, for a filter box and for screen readers. */
export function sentenceText(sentence: Sentence): string {
  return sentence.map(({ text }) => text).join('')
}
