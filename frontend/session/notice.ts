/** A short message over the page. */
export interface Notice {
  readonly tone: 'info' | 'good' | 'warn' | 'bad'
  readonly text: string
  /** A second, quieter sentence. */
  readonly detail?: string
  readonly action?: { readonly label: string; readonly run: () => void }
}
