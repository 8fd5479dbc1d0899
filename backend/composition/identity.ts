import type { Logger } from 'pino'
import { createAccountNames, type AccountNames } from '../auth/account-names.ts'
import { createAccounts, type Accounts } from '../auth/accounts.ts'
import { createAnnouncer, type Announcer } from '../auth/announcer.ts'
import type { AuthStore } from '../auth/auth-store.ts'
import type { Authenticator } from '../auth/authenticator.ts'
import { keptJwtSecret } from '../auth/jwt-secret.ts'
import { createLocalAuthenticator } from '../auth/local-authenticator.ts'
import { createPostgresAuthStore } from '../auth/postgres/postgres-auth-store.ts'
import { createPostgresTeamIndex } from '../auth/postgres/postgres-team-index.ts'
import { createProviderAuthenticator } from '../auth/provider-authenticator.ts'
import { createSessionAuthenticator } from '../auth/session-authenticator.ts'
import type { Config } from '../config/config.ts'
import { createTeamCommands, type TeamCommands } from '../teams/change-team.ts'
import { createInvitations, type Invitations } from '../teams/invitations.ts'
import { openTeamDirectory, type TeamDirectory } from '../teams/team-directory.ts'
import type { ClosingOrder } from './closing-order.ts'
import type { Stores } from './stores.ts'

/** Accounts, teams, and who somebody is. */
export interface Identity {
  readonly accounts: Accounts
  readonly authenticator: Authenticator
  readonly names: AccountNames
  readonly teams: TeamDirectory
  readonly commands: TeamCommands
  readonly invitations: Invitations
}

export async function openIdentity(
  config: Config,
  stores: Stores,
  logger: Logger,
  closing: ClosingOrder,
): Promise<Identity> {
  const { log } = stores
  const onError = (err: unknown) => logger.warn({ err }, 'It will be tried again.')
  const store = createPostgresAuthStore(stores.accounts)
  const names = createAccountNames(log, () => announcer.sweep())
  const index = createPostgresTeamIndex(stores.accounts)
  const teams = await openTeamDirectory({ log, index, onGrown: names.forget, onError })
  closing.add('teams', () => teams.stop())
  const announcer = createAnnouncer({
    store,
    log,
    onError,
    onAnnounced: async (streamId) => {
      names.forget(streamId)
      await teams.catchUp(streamId)
    },
  })
  await announcer.start()
  closing.add('announcer', () => announcer.stop())
  const commands = createTeamCommands({ log, directory: teams })
  const invitations = createInvitations({ store, announcer, commands, directory: teams })
  const secret = await secretOf(config)
  const accounts = createAccounts({ store, announcer, openInvitation: invitations.open, secret })
  const authenticator = authenticatorOf(config, { store, announcer, accounts, secret })
  return { accounts, authenticator, names, teams, commands, invitations }
}

async function secretOf({ jwtSecret, dataDir }: Config): Promise<Uint8Array> {
  return jwtSecret === null ? keptJwtSecret(dataDir) : new TextEncoder().encode(jwtSecret)
}

function authenticatorOf(
  { authMode, jwksUrl, jwtIssuer, jwtAudience }: Config,
  ports: { store: AuthStore; announcer: Announcer; accounts: Accounts; secret: Uint8Array },
): Authenticator {
  if (authMode === 'insecure') return createLocalAuthenticator(ports)
  if (jwksUrl !== null) {
    const provider = { jwksUrl, issuer: jwtIssuer, audience: jwtAudience }
    return createProviderAuthenticator(ports, provider)
  }
  const { store, accounts, secret } = ports
  const { onSessionEnd } = accounts
  return createSessionAuthenticator({ store, secret, onSessionEnd, now: Date.now })
}
