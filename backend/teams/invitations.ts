/** Invitations: a secret link that makes its holder a member, once, for a week. */
import type { ActorId, TeamId } from '../../domain/ids.ts'
import type { Role } from '../../domain/team/roles.ts'
import { roleIn, type TeamRejection } from '../../domain/team/team.ts'
import type { Announcer } from '../auth/announcer.ts'
import type { AuthStore, Invitation } from '../auth/auth-store.ts'
import { joining } from '../auth/open-account.ts'
import { hashOfToken, newSecretToken } from '../auth/secret-token.ts'
import type { TeamCommands } from './change-team.ts'
import type { TeamDirectory } from './team-directory.ts'

export const INVITATION_MS = 7 * 24 * 3_600_000

type Refused = { readonly ok: false } & TeamRejection

export interface Invitations {
  /** Only owners invite. The token is in the answer and nowhere else. */
  invite(
    by: ActorId,
    teamId: TeamId,
    invitation: { readonly role: Role; readonly email?: string | undefined },
  ): Promise<{ readonly ok: true; readonly token: string; readonly expiresAt: string } | Refused>
  /** An invitation that may still be accepted; null for every other token. */
  open(token: string): Promise<Invitation | null>
  /** Makes a signed-in person a member. A member stays what they are, and uses nothing up. */
  accept(userId: ActorId, token: string): Promise<{ ok: true; teamId: TeamId } | Refused>
}

export interface InvitationPorts {
  readonly store: Pick<AuthStore, 'accountById' | 'addInvitation' | 'invitation' | 'useInvitation'>
  readonly announcer: Pick<Announcer, 'announce' | 'sweep'>
  readonly commands: Pick<TeamCommands, 'recordInvitation'>
  readonly directory: Pick<TeamDirectory, 'roleOf' | 'refresh'>
}

const VOID: Refused = {
  ok: false,
  code: 'not-found',
  message: 'This invitation was used, has expired or was withdrawn. Ask for another link.',
}
const OTHER_ADDRESS: Refused = {
  ok: false,
  code: 'forbidden',
  message: 'This invitation was made for another e-mail address. Sign in with that one.',
}

export function createInvitations(ports: InvitationPorts): Invitations {
  const { store, announcer, commands, directory } = ports

  async function open(token: string) {
    const invitation = await store.invitation(hashOfToken(token))
    if (!invitation || invitation.usedBy || invitation.expiresAt <= Date.now()) return null
    // Who is an owner no more cannot come back in by a link made before.
    const inviter = await directory.roleOf(invitation.teamId, invitation.invitedBy)
    return inviter === 'owner' ? invitation : null
  }

  return {
    open,

    async invite(by, teamId, { role, email = null }) {
      const expires = Date.now() + INVITATION_MS
      const expiresAt = new Date(expires).toISOString()
      // First the event: it decides whether the person may invite. An event whose invitation was
      // never written harms nobody, for nobody has its token.
      const recorded = await commands.recordInvitation(by, teamId, { role, expiresAt })
      if (!recorded.ok) return recorded
      const token = newSecretToken()
      const tokenHash = hashOfToken(token)
      await store.addInvitation({
        tokenHash,
        teamId,
        role,
        email,
        invitedBy: by,
        expiresAt: expires,
      })
      return { ok: true, token, expiresAt }
    },

    async accept(userId, token) {
      const tokenHash = hashOfToken(token)
      const known = await store.invitation(tokenHash)
      if (!known) return VOID
      const { teamId, role, email } = known
      const announcement = joining({ teamId, role }, userId)
      // A repeated request whose first one was cut off finds its own claim: it is carried out first.
      if (known.usedBy === userId) await announcer.sweep()
      if (roleIn((await directory.refresh(teamId)).state, userId)) return { ok: true, teamId }
      if (!(await open(token))) return VOID
      if (email !== null && (await store.accountById(userId))?.email !== email) return OTHER_ADDRESS
      if (!(await store.useInvitation(tokenHash, userId, announcement))) return VOID
      await announcer.announce([announcement])
      return { ok: true, teamId }
    },
  }
}
