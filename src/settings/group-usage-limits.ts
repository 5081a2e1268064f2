import type { UsageLimit } from './usage-limit'

/** What is counted of groups: a part of `usageLimits`. */
export const groupUsageLimits = {
  // A family, a class, and a few clubs.
  newGroups: {
    counts: 'groups created',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 'new_groups_exhausted',
    settings: { NEW_GROUPS_PER_DAY: 50 },
    bounds: [],
  },
  // More than anybody follows, and each is asked for what has changed.
  groups: {
    counts: 'groups that a user is in',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 'groups_full',
    settings: {},
    bounds: ['groupsMax'],
  },
  // All are in the group’s memory, and told of each message.
  groupMembers: {
    counts: 'members of a group, and everybody who ever was one',
    by: 'group',
    countedIn: 'group',
    refusal: 'group_full',
    settings: {},
    bounds: ['groupMembersMax', 'groupMembersEverMax'],
  },
  // As many as can ever have been in it.
  groupBans: {
    counts: 'users banned from a group',
    by: 'group',
    countedIn: 'group',
    refusal: 'bans_full',
    settings: {},
    bounds: ['groupBansMax'],
  },
  pins: {
    counts: 'messages that are pinned',
    by: 'group',
    countedIn: 'group',
    refusal: 'pins_full',
    settings: {},
    bounds: ['groupPinsMax'],
  },
  groupStorage: {
    counts: 'bytes of messages and everything else in a group',
    by: 'group',
    countedIn: 'group',
    refusal: 'group_storage_full',
    settings: {},
    bounds: ['groupBytesMax'],
  },
  slowMode: {
    counts: 'seconds since a member’s last message, in groups whose settings say so',
    by: 'user',
    countedIn: 'group',
    refusal: 'slow_mode',
    settings: {},
    bounds: ['groupSlowModeSecondsMax'],
  },
  // A large group in a day, and too few to fill groups with strangers.
  groupAdds: {
    counts: 'users added to groups',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 'group_adds_exhausted',
    settings: { GROUP_ADDS_PER_DAY: 1_000 },
    bounds: ['groupAddedAtOnce'],
  },
  // Each is told to all members of the group.
  groupJoins: {
    counts: 'invitations to groups that were used',
    by: 'user',
    countedIn: 'mailbox',
    refusal: 'group_joins_exhausted',
    settings: { GROUP_JOINS_PER_DAY: 100 },
    bounds: [],
  },
  // Enough for one per place where it is shown.
  groupInvites: {
    counts: 'invitations of a group that can be used',
    by: 'group',
    countedIn: 'group',
    refusal: 'invites_full',
    settings: {},
    bounds: ['groupInvitesMax'],
  },
  // More than admins read.
  groupJoinRequests: {
    counts: 'requests to join a group that wait for a decision',
    by: 'group',
    countedIn: 'group',
    refusal: 'join_requests_full',
    settings: {},
    bounds: ['groupJoinRequestsMax'],
  },
} satisfies Record<string, UsageLimit>
