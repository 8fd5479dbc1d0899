import type { PresentMember } from '../../../domain/protocol/messages.ts'

export interface PresentPerson {
  readonly actorId: string
  readonly name: string
}

/** Everybody who has the pipeline open, once each, however many tabs; the person themselves first. */
export function presentPeople(
  members: readonly PresentMember[],
  ownId: string | null,
): readonly PresentPerson[] {
  const people = new Map<string, PresentPerson>()
  for (const { actorId, name } of members) {
    if (!people.has(actorId)) people.set(actorId, { actorId, name })
  }
  const own = (person: PresentPerson) => (person.actorId === ownId ? 0 : 1)
  return [...people.values()].sort((a, b) => own(a) - own(b) || a.name.localeCompare(b.name))
}
