/** Why a pipeline cannot be edited now, and what can be done about it. */
import type { PipelineStatus } from '../replica/replica.ts'
import type { Role } from '../../domain/team/roles.ts'

export interface ReadOnlyReason {
  readonly code: 'upgrade-required' | 'revoked' | 'viewer' | 'archived' | 'past'
  readonly text: string
  readonly action: 'reload' | 'unarchive' | null
}

/** Null where the person may edit. A role that is not known yet does not stand in the way. */
export function readOnlyReason(pipeline: {
  readonly status: PipelineStatus
  readonly role: Role | null
  readonly archived: boolean
}): ReadOnlyReason | null {
  if (pipeline.status === 'upgrade-required') {
    return {
      code: 'upgrade-required',
      text: 'Somebody edits this with a newer version. Reload to edit it here too.',
      action: 'reload',
    }
  }
  if (pipeline.status === 'revoked') {
    return {
      code: 'revoked',
      text: 'You no longer have access. This is what was on this device.',
      action: null,
    }
  }
  if (pipeline.role === 'viewer') {
    return { code: 'viewer', text: 'You can look at this, but not edit it.', action: null }
  }
  if (pipeline.archived) {
    return { code: 'archived', text: 'This pipeline is archived.', action: 'unarchive' }
  }
  return null
}
