import type { KindGroup, StepKind } from '../../catalogue/step-kind.ts'

/** The groups as they are without a search; else one group of what was found. */
export function searchKinds(groups: readonly KindGroup[], search: string): readonly KindGroup[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const [first] = words
  if (first === undefined) return groups
  const found = groups
    .flatMap(({ kinds }) => kinds)
    .filter(({ title, description, id }) => {
      const text = `${title} ${description} ${id}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
  if (found.length === 0) return []
  const rank = ({ title }: StepKind) => (title.toLowerCase().startsWith(first) ? 0 : 1)
  return [{ title: 'Steps', kinds: found.sort((a, b) => rank(a) - rank(b)) }]
}
