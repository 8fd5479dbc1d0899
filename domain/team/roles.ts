import { z } from 'zod'

export const roleSchema = z.enum(['viewer', 'editor', 'owner'])
/** What a member may do: a viewer reads, an editor edits pipelines, an owner also runs the team. */
export type Role = z.infer<typeof roleSchema>

const RANK: Readonly<Record<Role, number>> = { viewer: 0, editor: 1, owner: 2 }

/** Whether a role includes the rights of another. */
export function atLeast(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed]
}
