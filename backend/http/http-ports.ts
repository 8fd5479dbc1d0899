/** What the HTTP interface needs of the rest of the server. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { EventLog } from '../../domain/log/event-log.ts'
import type { AccountNames } from '../auth/account-names.ts'
import type { Accounts } from '../auth/accounts.ts'
import type { Authenticator } from '../auth/authenticator.ts'
import type { Config } from '../config/config.ts'
import type { PipelineDirectory } from '../pipelines/pipeline-directory.ts'
import type { TeamCommands } from '../teams/change-team.ts'
import type { Invitations } from '../teams/invitations.ts'
import type { TeamDirectory } from '../teams/team-directory.ts'
import type { Submit } from './import-pipeline.ts'
import type { KeyedImports } from './keyed-imports.ts'
import type { Metrics } from './metrics.ts'

/** Whether one part of the server can do its work; `detail` says why not. */
export interface Readiness {
  readonly part: string
  readonly ready: boolean
  readonly detail?: string
}

export interface HttpPorts {
  readonly config: Pick<
    Config,
    'authMode' | 'jwksUrl' | 'syncBatchSize' | 'maxOfflineQueue' | 'retryIntervals'
  >
  readonly accounts: Accounts
  readonly authenticator: Authenticator
  readonly names: AccountNames
  readonly teams: Pick<TeamDirectory, 'roleOf' | 'teamsOf' | 'team' | 'refresh'>
  readonly commands: TeamCommands
  readonly invitations: Invitations
  readonly log: EventLog
  readonly pipelines: Pick<PipelineDirectory, 'read'>
  readonly submit: Submit
  readonly keyedImports: KeyedImports
  /** Answers /v1/shape; absent where shapes are not served. */
  readonly shapes?: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
  readonly readiness: () => Promise<readonly Readiness[]>
  readonly metrics: Metrics
  readonly logger: Logger
  /** The folder of the built editor. */
  readonly editorDir: string
}
