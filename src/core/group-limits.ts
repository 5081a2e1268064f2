/** The bounds of groups, each with its unit and its reason: a part of `limits`. */
export const groupLimits = {
  groupMembersMax: 1_000,
  /** Everybody who was ever a member of a group: all are in its memory. */
  groupMembersEverMax: 10_000,
  /** Bytes of a group’s storage, of the 10 GB that Cloudflare allows: what is left is for deletions and read marks. */
  groupBytesMax: 8_000_000_000,
  /** Rows that an ended group deletes at once. */
  groupRowsErasedAtOnce: 500,
  groupTitleCharactersMax: 128,
  groupAboutCharactersMax: 500,
  /** Users whom a group keeps out: as many as can ever have been in it. */
  groupBansMax: 10_000,
  /** Invitations of a group that can be used, and used-up ones that are remembered for repeated calls. */
  groupInvitesMax: 50,
  /** How long an invitation can be used: a minute, for one that is shown on a screen, to a year. */
  groupInviteSecondsMin: 60,
  groupInviteSecondsMax: 31_536_000,
  /** Requests to join that wait for a decision: more than admins read. */
  groupJoinRequestsMax: 500,
  /** Owners and admins who are told one by one of a request; if they are more, all members are called. */
  groupAdminsToldMax: 32,
  /** Members that one call adds. */
  groupAddedAtOnce: 32,
  /** How long adding somebody waits for their mailbox. */
  groupAddMs: 2_000,
  /** Whom one message can mention. */
  mentionsMax: 50,
  /** Groups that a user can be in, and can create in a day. */
  groupsMax: 500,
  groupSlowModeSecondsMax: 3_600,
  /** Read marks are for all to see in groups of this size: in larger ones they would be most of what happens. */
  groupMarksShownMax: 32,
  /** Different emoji on one message of a group, and the users that a message names for each. */
  groupReactionsMax: 20,
  groupReactionUsersShown: 20,
  /** How long a file that is to become the picture of a group is kept for that: copying takes 45 s at most. */
  groupPictureMs: 600_000,
  /** Files of former pictures that one run of the alarm removes. */
  groupPicturesRemovedAtOnce: 32,
  /** Messages that are pinned at a time. */
  groupPinsMax: 50,
  /** What a count of unread messages ends at: that many or more. And how many messages are looked at for it. */
  groupUnreadMax: 1_000,
  groupUnreadScanned: 2_000,
  /** A client that is further behind gets the newest messages of a group instead of all changes. */
  groupChangesBehindMax: 2_000,
  /** Messages of a group that one change can stamp: a deletion blanks quotes in slices. */
  groupRowsPerChangeMax: 64,
  /** What a member who is told of a change is told at once; after more they have to ask. */
  groupFrameRowsMax: 100,
  /** Bytes of one page of changes over a socket, all members not counted: those of a full group are as many again. */
  groupFrameBytesMax: 256 * 1024,
  /** When the alarm looks whether everybody was told of a change, unless that has been seen to. */
  groupAlarmMs: 30_000,
  /** A mailbox that takes longer to be told is left to the alarm. */
  groupCallSlowMs: 1_000,
  groupCallMs: 10_000,
  /** A round of telling members that takes longer was cut off. */
  groupPassMs: 10_000,
  /** Rounds begin this far apart when they call many mailboxes, so that changes come together. */
  groupPassPauseMs: 300,
  groupPassManyCalls: 100,
  /** How long a group believes that a mailbox knows of a change, and a mailbox that it knows a group. */
  groupBelievedMs: 7 * 86_400_000,
  /** How a mailbox that could not be told is called again. */
  groupRetryMs: 1_000,
  groupRetryMaxMs: 7 * 60_000,
  /** Groups that are told of a changed profile, and how long until the next ones are: 500 take 56 minutes. */
  groupProfilesAtOnce: 9,
  groupProfilesPauseMs: 60_000,
  /** Groups that a mailbox asks at once for what has changed, and how long it waits for all of them. */
  groupChecksAtOnce: 32,
  groupChecksMs: 2_000,
  /** Slices of changes that a search of a group takes into the index: more than there can be before the alarm rings. */
  groupSearchSlicesMax: 16,
  /**
   * What one page of a search in all chats asks of groups: so many at first, and so many in all, but for those without
   * which there would be no page. Later pages begin with what the last searches have learned.
   */
  groupSearchesFirst: 8,
  groupSearchesMax: 64,
  groupSearchesKept: 8,
  /** Groups that did not answer a search and that its cursor names. With more of them, the page ends before them. */
  groupSearchesMissedMax: 8,
} as const
