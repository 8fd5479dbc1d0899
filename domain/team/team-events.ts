/** Events of teams and accounts: made by the server alone, without e-mail addresses or secrets. */
import { z } from 'zod'
import { actorIdSchema } from '../ids.ts'
import { limits } from '../limits.ts'
import { roleSchema } from './roles.ts'

const name = z.string().min(1).max(limits.lineCharacters)
const avatarUrl = z.string().max(limits.lineCharacters)

export const teamEventPayloads = {
  TeamCreated: z.strictObject({ name }),
  TeamRenamed: z.strictObject({ name }),
  MemberInvited: z.strictObject({ role: roleSchema, expiresAt: z.string() }),
  MemberJoined: z.strictObject({ userId: actorIdSchema, role: roleSchema }),
  MemberRoleChanged: z.strictObject({ userId: actorIdSchema, role: roleSchema }),
  MemberRemoved: z.strictObject({ userId: actorIdSchema }),
} as const

export const accountEventPayloads = {
  AccountCreated: z.strictObject({ name, avatarUrl: avatarUrl.optional() }),
  AccountChanged: z.strictObject({ name: name.optional(), avatarUrl: avatarUrl.optional() }),
} as const

type ChangeOf<P extends Record<string, z.ZodType>> = {
  [T in keyof P & string]: { readonly type: T; readonly payload: z.infer<P[T]> }
}[keyof P & string]

export type TeamChange = ChangeOf<typeof teamEventPayloads>
export type AccountChange = ChangeOf<typeof accountEventPayloads>

/** What a team event says; null for a type or a payload that this program does not know. */
export function readTeamChange(event: { type: string; payload: unknown }): TeamChange | null {
  return read(teamEventPayloads, event) as TeamChange | null
}

/** What an account event says; null for a type or a payload that this program does not know. */
export function readAccountChange(event: { type: string; payload: unknown }): AccountChange | null {
  return read(accountEventPayloads, event) as AccountChange | null
}

function read(payloads: Record<string, z.ZodType>, event: { type: string; payload: unknown }) {
  if (!Object.hasOwn(payloads, event.type)) return null
  const parsed = payloads[event.type]!.safeParse(event.payload)
  return parsed.success ? { type: event.type, payload: parsed.data } : null
}
