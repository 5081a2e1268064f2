// What groups, mailboxes and the document share about groups. Times are epoch milliseconds.
import type { FileMetadata } from './file-metadata'
import type { Profile } from './profile'

/** What a group keeps of a profile: enough to name somebody. A group of 1,000 has to fit into one answer. */
export type GroupProfile = Pick<Profile, 'id' | 'username' | 'firstName' | 'lastName' | 'avatarFileId'>

export const toGroupProfile = ({ id, username, firstName, lastName, avatarFileId }: Profile): GroupProfile => ({
  id,
  username,
  firstName,
  lastName,
  avatarFileId,
})

export const groupRoles = ['owner', 'admin', 'member'] as const
export type GroupRole = (typeof groupRoles)[number]

/** Who may do something in a group. */
export const groupPermissions = ['members', 'admins'] as const
export type GroupPermission = (typeof groupPermissions)[number]

/** From where on a new member sees what was written. */
export const historyScopes = ['all', 'joining'] as const
export type HistoryScope = (typeof historyScopes)[number]

export interface GroupSettings {
  sendBy: GroupPermission
  addBy: GroupPermission
  editBy: GroupPermission
  historyVisible: HistoryScope
  /** How long a member waits after a message before the next one; 0: not at all. Owners and admins do not wait. */
  slowModeSeconds: number
}

export const defaultGroupSettings: GroupSettings = {
  sendBy: 'members',
  addBy: 'members',
  editBy: 'admins',
  historyVisible: 'all',
  slowModeSeconds: 0,
}

/** The picture of a group: a file of its own, and the member's file that it was copied from. */
export interface GroupPicture {
  file: FileMetadata
  sourceId: string
}

/** The group itself, as all of its members see it. */
export interface GroupFacts {
  id: string
  title: string
  about: string | null
  settings: GroupSettings
  avatarFileId: string | null
  memberCount: number
  createdAt: number
}

/** What happens to a group, as a message of its own that clients put into words. */
export const groupEventTypes = [
  'groupCreated',
  'membersAdded',
  'memberJoined',
  'memberLeft',
  'memberRemoved',
  'memberBanned',
  'memberUnbanned',
  'roleChanged',
  'ownerChanged',
  'groupUpdated',
  'messagePinned',
] as const
export type GroupEventType = (typeof groupEventTypes)[number]

export interface GroupEvent {
  type: GroupEventType
  /** Whom it is about. */
  userIds: string[]
  /** The new title, if it changed. */
  title: string | null
  /** The new role. */
  role: GroupRole | null
  /** The message that was pinned. */
  messageId: string | null
}

/** A member, present or former, as other members see them. */
export interface GroupMember {
  profile: GroupProfile
  role: GroupRole
  joinedAt: number
  /** Whether the member is no longer one. */
  left: boolean
  /** The member's read mark, in groups small enough that everyone may see it. */
  readId: string | null
}

/** Somebody whom a group keeps out. */
export interface GroupBan {
  userId: string
  /** Null for somebody who never was a member. */
  profile: GroupProfile | null
  bannedBy: string
  bannedAt: number
}

/** A member to whom a message was sent, and whether they have read it. */
export interface GroupReceipt {
  profile: GroupProfile
  isRead: boolean
}

/** One reaction, with who chose it. */
export interface MemberReaction {
  profile: GroupProfile
  emoji: string
}

/** A code by which others can join a group. */
export interface GroupInvite {
  id: string
  secret: string
  createdBy: string
  createdAt: number
  /** Null if it does not expire. */
  expiresAt: number | null
  /** Null for any number of users. */
  maxUses: number | null
  uses: number
  needsApproval: boolean
}

/** How somebody stands to a group. */
export const groupStandings = ['none', 'requested', 'member'] as const
export type GroupStanding = (typeof groupStandings)[number]

/** What is seen of a group before joining. */
export interface GroupInvitation {
  title: string
  about: string | null
  memberCount: number
  needsApproval: boolean
  standing: GroupStanding
}

/** Somebody who has asked to become a member. */
export interface GroupJoinRequest {
  profile: GroupProfile
  inviteId: string
  requestedAt: number
}

export interface GroupReaction {
  emoji: string
  count: number
  own: boolean
  /** Of the first who chose it. */
  userIds: string[]
}

/** A message as it travels from a group to the mailbox of a member, for whom it was made. */
export interface GroupMessage {
  id: string
  senderId: string
  /** Null for anybody but the sender. */
  clientMessageId: string | null
  text: string
  attachments: FileMetadata[]
  /** As JSON. */
  metadata: string | null
  replyTo: { id: string; senderId: string; text: string } | null
  mentions: string[]
  reactions: GroupReaction[]
  event: GroupEvent | null
  pinnedAt: number | null
  createdAt: number
  editedAt: number | null
  deletedAt: number | null
}

/** A group as one member sees it: the head of its chat. */
export interface GroupHead {
  /** The number of the last change that it shows. */
  version: number
  facts: GroupFacts
  role: GroupRole
  /** How many have asked to become members; null for members, who do not decide that. */
  joinRequestCount: number | null
  lastMessage: GroupMessage | null
  /** At most `groupUnreadMax`, which means that many or more. The same for `mentionCount`. */
  unreadCount: number
  mentionCount: number
  /** The latest unread message that mentions the member. */
  lastMentionId: string | null
  readId: string | null
  /** Messages up to this one were read by all others, in groups whose marks everyone may see. */
  readByAllId: string | null
  clearedId: string | null
}

/** What changed in a group, for one member, as state. */
export interface GroupChangeSet {
  messages: GroupMessage[]
  /** Messages that the member has deleted for themselves. */
  removed: string[]
  members: GroupMember[]
}
