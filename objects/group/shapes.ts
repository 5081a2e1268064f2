import type { ReactionPlace, ReactionsQuery } from '../../schemas/user-reaction'
import type { FileMetadata } from '../../src/core/file-metadata'
import type {
  GroupBan,
  GroupChangeSet,
  GroupHead,
  GroupInvitation,
  GroupInvite,
  GroupJoinRequest,
  GroupMember,
  GroupMessage,
  GroupPicture,
  GroupReceipt,
  GroupRole,
  GroupSettings,
  MemberReaction,
} from '../../src/core/group'
import type { Profile } from '../../src/core/profile'
import type { ReportEvidence } from '../../src/core/report-evidence'
import type { Outcome, Refusal } from '../durable/outcome'
import type { Page } from '../durable/page'

/** What travels between groups and mailboxes. Times are epoch milliseconds. */

/** The answer to somebody who is no member: as to a group that does not exist. */
export interface Out extends Refusal {
  code: 'chat_not_found'
  /** The number of the end of the membership, or of the last change of the group. */
  out: number
}

/** What a call on behalf of a member returns. */
export type Answer<T> = Outcome<T> | Out

export const isOut = (answer: { ok: boolean }): answer is Out => 'out' in answer

/** Who asks a group for something, as their mailbox vouches for it. */
export interface Actor {
  userId: string
  /** The profile that the group should know, with its revision. */
  profile: Profile
  revision: number
}

/** The membership of a user, with the group as they see it. */
export interface Membership {
  since: number
  seq: number
  head: GroupHead
  /** Of the user's profile, as the group knows it. */
  profileRevision: number
}

export interface NewGroup {
  title: string
  about: string | null
  settings: Partial<GroupSettings>
}

/** What members change of the group itself; what is undefined stays. */
export interface GroupChange {
  title?: string | undefined
  about?: string | null | undefined
  picture?: GroupPicture | null | undefined
  settings?: { [Key in keyof GroupSettings]?: GroupSettings[Key] | undefined } | undefined
}

export interface NewInvite {
  expiresInSeconds: number | null
  maxUses: number | null
  needsApproval: boolean
}

/** What using an invitation has led to. */
export type Joined = { standing: 'member'; membership: Membership } | { standing: 'requested' }

/** The file to which a member's picture is about to be copied for the group. */
export interface ExpectedPicture {
  fileId: string
  sourceId: string
}

/** What happened to those who were to be added. */
export interface Added {
  added: string[]
  /** They do not let this user add them: an invitation reaches them. */
  toInvite: string[]
  /** Their mailboxes did not answer in time. */
  unreachable: string[]
  /** The group keeps them out. */
  banned: string[]
}

/** What a mailbox says when somebody adds its owner to a group: the owner, if that is allowed. */
export type AddAnswer = { ok: true; actor: Actor } | { ok: false }

/** What a member sends, as their mailbox has checked it. */
export interface GroupSend {
  clientMessageId: string
  text: string
  attachments: FileMetadata[]
  /** Custom data as JSON. */
  metadata: string | null
  replyToId: string | null
  mentions: string[]
  /** Seconds until the sender may send something new, as their mailbox counts; null: now. A retry is answered anyway. */
  waitSeconds: number | null
}

export interface GroupSent {
  message: GroupMessage
  /** False if an earlier call has created the message. */
  created: boolean
}

export interface GroupEdit {
  text: string | undefined
  /** As JSON; undefined if it stays. */
  metadata: string | null | undefined
  waitSeconds: number | null
}

/** A message after a change, and whether this call has made one. */
export interface ChangedMessage {
  message: GroupMessage
  changed: boolean
}

/** The chat after its read mark was moved, and whether it was. */
export interface MarkedRead {
  head: GroupHead
  changed: boolean
}

/** Where a page is: at the newest end, or next to a message. */
export type Anchor = { at: 'end' } | { at: 'before' | 'after' | 'around'; messageId: string }

export interface GroupPageQuery {
  anchor: Anchor
  limit: number
  hasAttachments: boolean
}

/** What a member searches for. */
export interface GroupSearch {
  /** As `wordsOf` makes them: a message has, for each, a word that begins with it. */
  words: string[]
  /** Ids from one on, and before another. */
  from: string
  before: string
  senderId: string | null
  hasAttachments: boolean
  limit: number
}

/** A part of a search, newest first, or of an export, oldest first; the rest is before, or after, the id `next`. */
export type GroupMessagesFound = Page<GroupMessage, string> & Pick<GroupHead, 'readByAllId'>

/** Newest first, with how far the others have read. */
export type GroupMessagesPage = Page<GroupMessage, Anchor> & Pick<GroupHead, 'readByAllId'>

/** Pinned messages, by when they were pinned. */
export type PinsPage = Page<GroupMessage, number> & Pick<GroupHead, 'readByAllId'>

export type GroupMembersPage = Page<GroupMember, string>

export type GroupBansPage = Page<GroupBan, string>

export type GroupReactionsPage = Page<MemberReaction, ReactionPlace>

export type GroupReceiptsPage = Page<GroupReceipt, string>

export type GroupInvitesPage = Page<GroupInvite, string>

export type JoinRequestsPage = Page<GroupJoinRequest, string>

/** Where a member's copy of the group is: a number, in one membership. */
export interface GroupPosition {
  since: number
  seq: number
}

export interface GroupChangesPage {
  /** Whether the page does not continue from the position that was given: nothing of what is held still counts. */
  reset: boolean
  changes: GroupChangeSet
  head: GroupHead
  position: GroupPosition
  hasMore: boolean
}

/** What a page has at most: items, and bytes of them. */
export interface PageSize {
  limit: number
  bytesMax: number
}

/** A group tells a mailbox that something has changed for its owner. */
export type Nudge =
  | { kind: 'out'; groupId: string; since: number }
  | {
      kind: 'in'
      groupId: string
      since: number
      /** The number of the last change. */
      seq: number
      /** What is told follows on this number. */
      from: number
      head: GroupHead
      /** Of the member's profile, as the group knows it. */
      profileRevision: number
      /** Null if it is too much: then it has to be asked for. */
      changes: GroupChangeSet | null
    }

export type NudgeAnswer =
  | {
      /** Whether the next change must be told, too. If not, the mailbox asks before it shows the group again. */
      again: boolean
      /** Whether a socket is open. */
      live: boolean
    }
  /** The account was deleted. */
  | { gone: true }

/** What mailboxes call of a group: each call on behalf of the user that it names. */
export interface GroupStub {
  create: (founder: Actor, group: NewGroup) => Promise<Answer<Membership>>
  check: (actor: Actor) => Promise<Answer<Membership>>
  followProfile: (actor: Actor) => Promise<Answer<null>>
  getHead: (userId: string) => Promise<Answer<GroupHead>>
  listChanges: (userId: string, position: GroupPosition | null, size: PageSize) => Promise<Answer<GroupChangesPage>>
  listMembers: (userId: string, after: string | null, limit: number, left: boolean) => Promise<Answer<GroupMembersPage>>
  update: (userId: string, change: GroupChange) => Promise<Answer<GroupHead>>
  expectPicture: (userId: string, expected: ExpectedPicture) => Promise<Answer<{ isShown: boolean }>>
  addMembers: (userId: string, userIds: readonly string[]) => Promise<Answer<Added>>
  removeMember: (userId: string, removed: string) => Promise<Answer<null>>
  setRole: (userId: string, member: string, role: GroupRole) => Promise<Answer<GroupMember>>
  ban: (userId: string, banned: string) => Promise<Answer<GroupBan>>
  unban: (userId: string, banned: string) => Promise<Answer<null>>
  listBans: (userId: string, after: string | null, limit: number) => Promise<Answer<GroupBansPage>>
  leave: (userId: string) => Promise<Answer<number>>
  end: (userId: string) => Promise<Answer<number>>
  createInvite: (userId: string, invite: NewInvite) => Promise<Answer<GroupInvite>>
  listInvites: (userId: string, before: string | null, limit: number) => Promise<Answer<GroupInvitesPage>>
  revokeInvite: (userId: string, inviteId: string) => Promise<Answer<null>>
  findInvitation: (userId: string, secret: string) => Promise<Outcome<GroupInvitation>>
  join: (actor: Actor, secret: string) => Promise<Outcome<Joined>>
  listRequests: (userId: string, after: string | null, limit: number) => Promise<Answer<JoinRequestsPage>>
  approveRequest: (userId: string, requester: string) => Promise<Answer<GroupMember>>
  declineRequest: (userId: string, requester: string) => Promise<Answer<null>>
  /** For an account that is being deleted: ends its membership, if there is one, and forgets its name. */
  forgetAccount: (userId: string) => Promise<null>
  sendMessage: (userId: string, input: GroupSend) => Promise<Answer<GroupSent>>
  getMessage: (userId: string, messageId: string) => Promise<Answer<ReadMessage>>
  listMessages: (userId: string, query: GroupPageQuery) => Promise<Answer<GroupMessagesPage>>
  /** Messages after an id, oldest first. */
  exportMessages: (userId: string, afterId: string) => Promise<Answer<GroupMessagesFound>>
  /** Copies of messages by another user. */
  collectEvidence: (userId: string, senderId: string, messageIds: string[]) => Promise<Answer<ReportEvidence[]>>
  searchMessages: (userId: string, query: GroupSearch) => Promise<Answer<GroupMessagesFound>>
  readFile: (userId: string, fileId: string) => Promise<Answer<FileMetadata>>
  editMessage: (userId: string, messageId: string, edit: GroupEdit) => Promise<Answer<ChangedMessage>>
  deleteMessage: (
    userId: string,
    messageId: string,
    scope: 'me' | 'everyone',
    waitSeconds: number | null,
  ) => Promise<Answer<boolean>>
  react: (userId: string, messageId: string, reaction: Reacting) => Promise<Answer<ChangedMessage>>
  listReceipts: (
    userId: string,
    messageId: string,
    after: string | null,
    limit: number,
  ) => Promise<Answer<GroupReceiptsPage>>
  listReactions: (userId: string, messageId: string, query: ReactionsQuery) => Promise<Answer<GroupReactionsPage>>
  pin: (userId: string, messageId: string) => Promise<Answer<ReadMessage>>
  unpin: (userId: string, messageId: string) => Promise<Answer<null>>
  listPins: (userId: string, before: number | null, limit: number) => Promise<Answer<PinsPage>>
  markRead: (userId: string, upToMessageId: string, waitSeconds: number | null) => Promise<Answer<MarkedRead>>
  clear: (userId: string) => Promise<Answer<null>>
  typing: (userId: string) => Promise<Answer<null>>
}

/** A message, with how far the others have read. */
export type ReadMessage = { message: GroupMessage } & Pick<GroupHead, 'readByAllId'>

export interface Reacting {
  emoji: string
  /** Whether the member reacts with it, or takes it back. */
  isOn: boolean
  waitSeconds: number | null
}
