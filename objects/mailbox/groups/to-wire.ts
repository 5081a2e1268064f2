import type { Chat } from '../../../schemas/chat'
import { type Group, type GroupMemberShown, toGroupUser } from '../../../schemas/group'
import type { GroupBanShown } from '../../../schemas/group-ban'
import type { GroupChanges } from '../../../schemas/group-changes'
import type { GroupInviteShown } from '../../../schemas/group-invite'
import type { JoinRequestShown } from '../../../schemas/join-request'
import { type Message, toAttachment } from '../../../schemas/message'
import type { FileLink } from '../../../src/core/file-metadata'
import type {
  GroupBan,
  GroupChangeSet,
  GroupHead,
  GroupInvite,
  GroupJoinRequest,
  GroupMember,
  GroupMessage,
} from '../../../src/core/group'
import { toGroupCursor } from '../../../src/core/group-cursors'
import { toInviteCode } from '../../../src/core/invite-codes'
import { metadataOf } from '../../../src/core/metadata'
import { lastTime, toTimestamp, toTimestampOrNull } from '../../../src/core/timestamp'
import type { GroupChangesPage } from '../../group/shapes'
import { type GroupRow, headOf } from '../tables/groups'

/** What is shown of a group on the wire, to one reader. */
export interface GroupWire {
  groupId: string
  userId: string
  now: number
  link: FileLink
  avatarLink: FileLink
}

const statusOf = (message: GroupMessage, userId: string, readByAllId: string | null): Message['status'] => {
  if (message.senderId !== userId || message.event !== null) return null
  return message.id <= (readByAllId ?? '') ? 'read' : 'sent'
}

export const toMessage = (wire: GroupWire, message: GroupMessage, readByAllId: string | null): Message => ({
  id: message.id,
  chatId: wire.groupId,
  senderId: message.senderId,
  clientMessageId: message.clientMessageId,
  text: message.text,
  attachments: message.attachments.map((file) => toAttachment(file, wire.link)),
  metadata: metadataOf(message.metadata),
  replyTo: message.replyTo,
  mentions: message.mentions,
  reactions: message.reactions,
  event: message.event,
  pinnedAt: toTimestampOrNull(message.pinnedAt),
  status: statusOf(message, wire.userId, readByAllId),
  undelivered: false,
  createdAt: toTimestamp(message.createdAt),
  editedAt: toTimestampOrNull(message.editedAt),
  deletedAt: toTimestampOrNull(message.deletedAt),
})

export const toMember = ({ avatarLink }: GroupWire, member: GroupMember): GroupMemberShown => ({
  user: toGroupUser(member.profile, avatarLink),
  role: member.role,
  joinedAt: toTimestamp(member.joinedAt),
  left: member.left,
  lastReadMessageId: member.readId,
})

export const toBan = ({ avatarLink }: GroupWire, ban: GroupBan): GroupBanShown => ({
  userId: ban.userId,
  user: ban.profile && toGroupUser(ban.profile, avatarLink),
  bannedBy: ban.bannedBy,
  createdAt: toTimestamp(ban.bannedAt),
})

export const toInvite = (groupId: string, invite: GroupInvite): GroupInviteShown => ({
  id: invite.id,
  code: toInviteCode({ groupId, secret: invite.secret }),
  createdBy: invite.createdBy,
  createdAt: toTimestamp(invite.createdAt),
  expiresAt: toTimestampOrNull(invite.expiresAt),
  maxUses: invite.maxUses,
  uses: invite.uses,
  needsApproval: invite.needsApproval,
})

export const toJoinRequest = ({ avatarLink }: GroupWire, request: GroupJoinRequest): JoinRequestShown => ({
  user: toGroupUser(request.profile, avatarLink),
  inviteId: request.inviteId,
  createdAt: toTimestamp(request.requestedAt),
})

const toGroup = ({ link }: GroupWire, { facts, role, joinRequestCount }: GroupHead): Group => ({
  title: facts.title,
  about: facts.about,
  avatarFileId: facts.avatarFileId,
  avatarUrl: facts.avatarFileId && link(facts.avatarFileId),
  memberCount: facts.memberCount,
  role,
  joinRequestCount,
  settings: facts.settings,
  createdAt: toTimestamp(facts.createdAt),
})

type OwnSettings = Pick<
  GroupRow,
  'marked_unread' | 'pinned' | 'muted_until' | 'notify_mentions' | 'archived' | 'updated_at'
>

const noSettings: OwnSettings = {
  ...{ marked_unread: 0, pinned: 0, muted_until: 0 },
  ...{ notify_mentions: 0, archived: 0, updated_at: 0 },
}

/** The chat of a group: what the group says, with the owner's own settings. */
export const toChat = (wire: GroupWire, head: GroupHead, own: OwnSettings = noSettings): Chat => ({
  id: wire.groupId,
  kind: 'group',
  peer: null,
  group: toGroup(wire, head),
  version: head.version,
  lastMessage: head.lastMessage && toMessage(wire, head.lastMessage, head.readByAllId),
  unreadCount: head.unreadCount,
  mentionCount: head.mentionCount,
  markedUnread: own.marked_unread === 1,
  pinned: own.pinned === 1,
  mutedUntil: own.muted_until > wire.now ? toTimestamp(Math.min(own.muted_until, lastTime)) : null,
  notifyMentions: own.notify_mentions === 1,
  archived: own.archived === 1,
  request: false,
  lastReadMessageId: head.readId,
  deliveredUpToMessageId: null,
  readUpToMessageId: head.readByAllId,
  clearedUpTo: head.clearedId === null ? null : { own: head.clearedId, peer: head.clearedId },
  updatedAt: toTimestamp(Math.max(own.updated_at, head.facts.createdAt, head.lastMessage?.createdAt ?? 0)),
})

/** The chat as the mailbox last knew it; null before it knows any of it. */
export function rowToChat(wire: GroupWire, row: GroupRow): Chat | null {
  const head = headOf(row)
  return head && toChat(wire, head, row)
}

export const toChangeSet = (wire: GroupWire, { messages, removed, members }: GroupChangeSet, head: GroupHead) => ({
  messages: messages.map((message) => toMessage(wire, message, head.readByAllId)),
  removed: removed.map((messageId) => ({ chatId: wire.groupId, messageId })),
  members: members.map((member) => toMember(wire, member)),
})

export const toGroupChanges = (
  wire: GroupWire,
  { reset, changes, head, position, hasMore }: GroupChangesPage,
  own: GroupRow | undefined,
): GroupChanges => ({
  chatId: wire.groupId,
  reset,
  ...toChangeSet(wire, changes, head),
  chat: toChat(wire, head, own),
  cursor: toGroupCursor(position),
  hasMore,
})
