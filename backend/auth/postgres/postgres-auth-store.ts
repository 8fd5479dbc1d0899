import type pg from 'pg'
import type { ActorId, StreamId, TeamId } from '../../../domain/ids.ts'
import type { Role } from '../../../domain/team/roles.ts'
import {
  LOCAL_SUBJECT,
  type Account,
  type AccountOutcome,
  type AccountRequest,
  type Announcement,
  type AuthStore,
  type Invitation,
  type Session,
  type Welcome,
} from '../auth-store.ts'
import type { AuthDatabase } from './auth-database.ts'

/** Held while an account is made, so that only one can find that there is none yet. */
const SIGN_UP_LOCK = 4718261055

const ACCOUNT = 'id, email, password_hash AS "passwordHash"'
const UNIQUE_VIOLATION = '23505'

export function createPostgresAuthStore({ query, transaction }: AuthDatabase): AuthStore {
  const one = async <Row>(sql: string, values: unknown[]) =>
    ((await query(sql, values))[0] as Row | undefined) ?? null
  const accountWhere = (column: string, value: string) =>
    one<Account>(`SELECT ${ACCOUNT} FROM auth.account WHERE ${column} = $1`, [value])

  return {
    async createAccount(request) {
      try {
        return await transaction((client) => createAccount(client, request))
      } catch (error) {
        if (error instanceof Refused) return { ok: false, reason: error.reason }
        throw error
      }
    },
    accountById: (id) => accountWhere('id', id),
    accountByEmail: (email) => accountWhere('email', email),
    accountBySubject: (subject) => accountWhere('subject', subject),
    founder: () => one<Account>(`SELECT ${ACCOUNT} FROM auth.account WHERE founder`, []),
    async awaitsFounder() {
      const sql = 'SELECT subject FROM auth.account WHERE founder'
      const founder = await one<{ subject: string | null }>(sql, [])
      return founder === null || founder.subject === LOCAL_SUBJECT
    },

    ...sessions(query, one),
    ...invitations({ query, transaction }, one),

    async pendingAnnouncements(limit) {
      const sql = 'SELECT stream_id, events FROM auth.announcement ORDER BY ordinal LIMIT $1'
      const rows = (await query(sql, [limit])) as { stream_id: StreamId; events: never }[]
      return rows.map(({ stream_id, events }) => ({ streamId: stream_id, events }))
    },
    async settleAnnouncement({ events }) {
      await query('DELETE FROM auth.announcement WHERE id = $1', [events[0]!.id])
    },
  }
}

type Query = AuthDatabase['query']
type One = <Row>(sql: string, values: unknown[]) => Promise<Row | null>

function sessions(
  query: Query,
  one: One,
): Pick<AuthStore, 'addSession' | 'liveSession' | 'revokeSession'> {
  return {
    async addSession({ id, accountId, expiresAt }) {
      await query('DELETE FROM auth.session WHERE expires_at < now()', [])
      await query('INSERT INTO auth.session (id, account_id, expires_at) VALUES ($1, $2, $3)', [
        id,
        accountId,
        new Date(expiresAt),
      ])
    },
    async liveSession(id) {
      const row = await one<Omit<Session, 'expiresAt'> & { expiresAt: Date }>(
        `SELECT id, account_id AS "accountId", expires_at AS "expiresAt" FROM auth.session
          WHERE id = $1 AND revoked_at IS NULL AND expires_at > now()`,
        [id],
      )
      return row && { ...row, expiresAt: row.expiresAt.getTime() }
    },
    async revokeSession(id) {
      await query(
        'UPDATE auth.session SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL',
        [id],
      )
    },
  }
}

type InvitationRow = Omit<Invitation, 'expiresAt'> & { expiresAt: Date; usedBy: ActorId | null }

function invitations(
  { query, transaction }: Pick<AuthDatabase, 'query' | 'transaction'>,
  one: One,
): Pick<AuthStore, 'addInvitation' | 'invitation' | 'useInvitation'> {
  return {
    async addInvitation({ tokenHash, teamId, role, email, invitedBy, expiresAt }) {
      await query(
        `INSERT INTO auth.invitation (token_hash, team_id, role, email, invited_by, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [tokenHash, teamId, role, email, invitedBy, new Date(expiresAt)],
      )
    },
    async invitation(tokenHash) {
      const row = await one<InvitationRow>(
        `SELECT token_hash AS "tokenHash", team_id AS "teamId", role, email,
                invited_by AS "invitedBy", expires_at AS "expiresAt", used_by AS "usedBy"
           FROM auth.invitation WHERE token_hash = $1`,
        [tokenHash],
      )
      return row && { ...row, expiresAt: row.expiresAt.getTime() }
    },
    useInvitation: (tokenHash, by, announcement) =>
      transaction(async (client) => {
        const used = await claimInvitation(client, tokenHash, by)
        if (used) await keepAnnouncements(client, [announcement])
        return used !== null
      }),
  }
}

/** Thrown to roll a sign-up back. */
class Refused extends Error {
  readonly reason: Extract<AccountOutcome, { ok: false }>['reason']
  constructor(reason: Extract<AccountOutcome, { ok: false }>['reason']) {
    super(reason)
    this.reason = reason
  }
}

async function createAccount(
  client: pg.ClientBase,
  { account, entrance, announce }: AccountRequest,
): Promise<AccountOutcome> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [SIGN_UP_LOCK])
  const { rows } = await client.query<{ id: ActorId; subject: string | null }>(
    'SELECT id, subject FROM auth.account WHERE founder',
  )
  const founder = rows[0]
  const invitation = entrance === 'trusted' ? null : entrance.invitation
  const welcome: Welcome = !founder
    ? { kind: 'founder' }
    : founder.subject === LOCAL_SUBJECT && invitation === null
      ? { kind: 'heir', accountId: founder.id }
      : { kind: 'trusted' }
  const accountId = welcome.kind === 'heir' ? founder!.id : account.id
  await writeAccount(client, { ...account, id: accountId }, welcome)
  const invited = welcome.kind === 'trusted' && entrance !== 'trusted'
  const given = invited ? await invitedTo(client, invitation, accountId) : welcome
  const announcements = announce(given)
  await keepAnnouncements(client, announcements)
  return { ok: true, accountId, announcements }
}

/** @throws Refused taken, where the address or the subject has an account already */
async function writeAccount(
  client: pg.ClientBase,
  { id, email, passwordHash, subject }: AccountRequest['account'],
  { kind }: Welcome,
): Promise<void> {
  const sql =
    kind === 'heir'
      ? 'UPDATE auth.account SET email = $2, password_hash = $3, subject = $4, founder = $5 WHERE id = $1'
      : `INSERT INTO auth.account (id, email, password_hash, subject, founder)
         VALUES ($1, $2, $3, $4, $5)`
  const founds = kind === 'founder' || kind === 'heir'
  try {
    await client.query(sql, [id, email, passwordHash, subject, founds])
  } catch (error) {
    if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) throw new Refused('taken')
    throw error
  }
}

async function invitedTo(
  client: pg.ClientBase,
  tokenHash: Uint8Array | null,
  by: ActorId,
): Promise<Welcome> {
  if (tokenHash === null) throw new Refused('invitation-needed')
  const used = await claimInvitation(client, tokenHash, by)
  if (!used) throw new Refused('invitation-void')
  return { kind: 'invited', ...used }
}

/** One statement, so that of two who use an invitation at once one gets it. */
async function claimInvitation(client: pg.ClientBase, tokenHash: Uint8Array, by: ActorId) {
  const { rows } = await client.query<{ teamId: TeamId; role: Role }>(
    `UPDATE auth.invitation SET used_at = now(), used_by = $2
      WHERE token_hash = $1 AND used_at IS NULL AND expires_at > now()
      RETURNING team_id AS "teamId", role`,
    [tokenHash, by],
  )
  return rows[0] ?? null
}

async function keepAnnouncements(
  client: pg.ClientBase,
  announcements: readonly Announcement[],
): Promise<void> {
  for (const { streamId, events } of announcements) {
    await client.query(
      'INSERT INTO auth.announcement (id, stream_id, events) VALUES ($1, $2, $3)',
      [events[0]!.id, streamId, JSON.stringify(events)],
    )
  }
}
