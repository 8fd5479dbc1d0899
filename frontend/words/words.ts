/** The texts of the editor that stand by themselves; those made of parts have files beside this. */
import type { ConnectionStatus } from '../../domain/pipeline/graph.ts'
import type { Role } from '../../domain/team/roles.ts'

export const roleWords: Readonly<Record<Role, { name: string; may: string }>> = {
  viewer: { name: 'Viewer', may: 'Can look' },
  editor: { name: 'Editor', may: 'Can edit pipelines' },
  owner: { name: 'Owner', may: 'Can edit, and runs the team' },
}

export const connectionWords: Readonly<Record<ConnectionStatus, string>> = {
  active: 'Active',
  suspended: 'Suspended',
  dangling: 'One end was removed',
}

export const words = {
  backup: 'Download backup',
  cancel: 'Cancel',
  close: 'Close',
  copied: 'Copied',
  copy: 'Copy',
  copyLink: 'Copy link',
  reload: 'Reload',
  remove: 'Remove',
  retryNow: 'Retry now',
  save: 'Save',
  tryAgain: 'Try again',
  storage: {
    memory:
      'This browser does not let Tributary store edits. You can work while online; nothing is kept when you close the page.',
    failed:
      'This device cannot store your edits any more. Download a backup, then free some space.',
  },
  deviceFailure: {
    title: 'Tributary could not open its copy on this device',
    text: 'Close other tabs of Tributary and try again. Your edits are still stored here.',
  },
  update: { ready: 'New version ready.' },
  signIn: {
    title: 'Sign in',
    askOwner: 'To join a team, ask one of its owners for an invitation link.',
    here: 'People on this device',
    offline: 'You are offline. Signing in needs the server.',
  },
  signUp: {
    title: 'Create your account',
    first: 'The first account owns the first team. Everybody else joins by invitation.',
    submit: 'Create account',
    passwordHint: 'At least 10 characters.',
  },
  signOut: {
    title: 'Sign out?',
    action: 'Sign out',
    keep: 'Keep them here and sign out',
    pending: (changes: string) =>
      `${changes} not on the server yet. They stay on this device, and are sent when you sign in here again.`,
    memory: (changes: string) =>
      `${changes} not on the server yet, and this browser does not store them: signing out loses them. Download a backup first.`,
  },
  list: {
    title: 'Pipelines',
    search: 'Search pipelines',
    create: 'New pipeline',
    import: 'Import',
    emptyTitle: 'Make your first pipeline',
    empty: 'Start with an empty canvas, or bring a workflow from n8n as a file.',
    emptyForViewer: 'Nobody in your team has made one yet.',
    viewerOnly: 'You can look at your team’s pipelines. To make one, ask an owner to let you edit.',
    noTeamTitle: 'You are in no team yet',
    noTeam: 'Pipelines belong to a team. Ask an owner of one for an invitation link.',
    importN8n: 'Import an n8n file',
    nothingFound: (search: string) => `No pipeline is called “${search}”.`,
    offline: 'This is the list of your last visit, with what is on this device.',
    unknown: 'The list cannot be read from the server now. It is tried again by itself.',
    unsent: 'On this device only',
    copyOnly: 'Copy on this device',
    archived: 'Archived',
    active: 'Active',
  },
  editor: {
    notOnDevice: 'This pipeline is not on this device',
    notOnDeviceText: 'It was never opened here, and the server cannot be reached now.',
    notFound: 'This pipeline is not here',
    notFoundText: 'The link may be wrong, or you have no access. Ask an owner of the team.',
    revoked: 'You no longer have access to this pipeline',
    emptyTitle: 'An empty pipeline',
    empty: 'Drag a step from the left, or press N and choose one.',
    emptyReadOnly: 'Nobody has added a step yet.',
    noAccess: 'Back to the list',
    tag: 'Marks this moment in the history with a name.',
  },
  field: {
    conflict: 'Two people changed this at the same time',
    shownNow: 'shown now',
    keep: 'Keep',
    keepMine: 'Keep mine',
    takeTheirs: 'Take theirs',
    nameMissing: 'A name is needed. Nothing is saved until there is one.',
  },
  team: {
    title: 'Team',
    invite: 'Invite somebody',
    inviteText: 'A link lets one person join the team, with the role you choose.',
    onlyOwners: 'Only owners change members and invite.',
    notHere: 'This team is not here',
    notHereText:
      'The address may be wrong, or you are not in the team. Ask one of its owners for an invitation link.',
  },
} as const
