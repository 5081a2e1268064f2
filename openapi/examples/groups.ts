import type { Chat } from '../../schemas/chat'
import type { GroupMemberShown } from '../../schemas/group'
import type { GroupBanShown } from '../../schemas/group-ban'
import type { GroupChanges } from '../../schemas/group-changes'
import type { GroupInvitePreview, GroupInviteShown } from '../../schemas/group-invite'
import type { JoinRequestShown } from '../../schemas/join-request'
import type { Message } from '../../schemas/message'
import { chat, question } from './conversation'
import { ana, anaId, ben, benId } from './people'

export const groupId = 'grp_01KAT5W3J9F2N6C8X1V4B7M0QD'
export const clientGroupId = '0b0c9f0e-3d0f-4a55-9a0e-6b1f5a1c2d3e'
export const groupCursor = 'WzEsNDJd'

/** What Ben writes into the group. */
export const groupMessage: Message = {
  ...question,
  id: 'msg_01KAT5W9C4B8N1R6T2Y5Z7D3HE',
  chatId: groupId,
  senderId: benId,
  clientMessageId: null,
  text: 'Who takes the night watch?',
  mentions: [anaId],
  status: null,
  createdAt: '2026-11-24T10:05:00.000Z',
}

/** The group as Ana, its owner, sees it. */
export const groupChat: Chat = {
  ...chat,
  id: groupId,
  kind: 'group',
  peer: null,
  group: {
    title: 'Lighthouse keepers',
    about: null,
    avatarFileId: null,
    avatarUrl: null,
    memberCount: 2,
    role: 'owner',
    joinRequestCount: 0,
    settings: {
      ...{ sendBy: 'members', addBy: 'members', editBy: 'admins', historyVisible: 'all', slowModeSeconds: 0 },
    },
    createdAt: '2026-11-24T10:00:00.000Z',
  },
  version: 42,
  lastMessage: groupMessage,
  unreadCount: 1,
  mentionCount: 1,
  deliveredUpToMessageId: null,
  readUpToMessageId: null,
  updatedAt: groupMessage.createdAt,
}

const member = (user: typeof ben | typeof ana, role: GroupMemberShown['role']): GroupMemberShown => ({
  user: {
    id: user.id,
    username: user.username,
    firstName: user.firstName,
    lastName: user.lastName,
    avatarFileId: user.avatarFileId,
    avatarUrl: user.avatarUrl,
  },
  role,
  joinedAt: '2026-11-24T10:00:00.000Z',
  left: false,
  lastReadMessageId: null,
})

export const owner = member(ana, 'owner')
export const benAsMember = member(ben, 'member')
export const benAsAdmin = member(ben, 'admin')

export const groupChanges: GroupChanges = {
  chatId: groupId,
  reset: false,
  messages: [groupMessage],
  removed: [],
  members: [],
  chat: groupChat,
  cursor: groupCursor,
  hasMore: false,
}

export const benAdded = { added: [benId], toInvite: [], unreachable: [], banned: [] }

export const benBanned: GroupBanShown = {
  userId: benId,
  user: benAsMember.user,
  bannedBy: anaId,
  createdAt: '2026-11-24T10:10:00.000Z',
}

export const invite: GroupInviteShown = {
  id: 'inv_01KAT5X2M7Q4T9V1B6N3C8Z5RG',
  code: `${groupId}.tq3v8ZkW1nY5cR0xJ7uLdQ`,
  createdBy: anaId,
  createdAt: '2026-11-24T10:15:00.000Z',
  expiresAt: '2026-12-01T10:15:00.000Z',
  maxUses: 20,
  uses: 0,
  needsApproval: false,
}

export const invitePreview: GroupInvitePreview = {
  groupId,
  title: 'Lighthouse keepers',
  about: null,
  memberCount: 1,
  needsApproval: false,
  standing: 'none',
}

export const joinRequest: JoinRequestShown = {
  user: benAsMember.user,
  inviteId: invite.id,
  createdAt: '2026-11-24T10:20:00.000Z',
}
