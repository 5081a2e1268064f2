import { z } from '@hono/zod-openapi'
import type { FileLink } from '../src/core/file-metadata'
import { type GroupProfile, groupEventTypes, groupPermissions, groupRoles, historyScopes } from '../src/core/group'
import { limits } from '../src/core/limits'
import { misleadingInName, misleadingInText } from '../src/core/shown-text'
import { FileUrl } from './file'
import { ChatId, FileId, GroupId, MessageId, Timestamp, UserId } from './ids'
import { count } from './integers'
import { orNull } from './or-null'
import { pageOf } from './page'
import { text, unmisleading } from './text'
import { Username } from './user'

export const GroupRole = z.enum(groupRoles).openapi('GroupRole', {
  description:
    'What a member may do. Admins change settings, add and remove members, and delete anyone’s messages; the owner also gives roles. There is always exactly one owner.',
  example: 'member',
})

const GroupPermission = z.enum(groupPermissions).openapi('GroupPermission', {
  description: '`members`: everyone in the group. `admins`: the owner and the admins.',
  example: 'members',
})

const HistoryScope = z.enum(historyScopes).openapi('HistoryScope', {
  description: '`all`: everything that was ever written. `joining`: only what is written after joining.',
  example: 'all',
})

const settings = {
  sendBy: GroupPermission.openapi({ description: 'Who may send messages.' }),
  addBy: GroupPermission.openapi({ description: 'Who may add members.' }),
  editBy: GroupPermission.openapi({ description: 'Who may change the title and the description.' }),
  historyVisible: HistoryScope.openapi({
    description: 'What those who join from now on can see. Nobody loses what they could see before.',
  }),
  slowModeSeconds: z.int().min(0).max(limits.groupSlowModeSecondsMax).openapi({
    format: 'int32',
    description: 'How long a member waits between two messages; 0 turns slow mode off. Owners and admins do not wait.',
    example: 0,
  }),
}

export const GroupSettings = z.object(settings).openapi('GroupSettings', { description: 'Who may do what in a group.' })

export const Group = z
  .object({
    title: z.string().openapi({ description: 'The name of the group.', example: 'Lighthouse keepers' }),
    about: z.string().nullable().openapi({ description: 'What the group is about.', example: null }),
    avatarFileId: orNull(FileId).openapi({
      description:
        'The picture of the group; null if there is none. It is a copy that belongs to the group, with an ID of its own: name the group as `chatId` to read it.',
    }),
    avatarUrl: FileUrl.nullable().openapi({
      description:
        'A signed link to the picture, without the metadata of the file, that an `<img>` can load. It is made for you, and is valid for about an hour while you are a member.',
    }),
    memberCount: count().openapi({ description: 'How many members it has.', example: 3 }),
    role: GroupRole.openapi({ description: 'Your role.' }),
    joinRequestCount: count().nullable().openapi({
      description: 'How many requests to join wait for a decision; null unless you are the owner or an admin.',
      example: 0,
    }),
    settings: GroupSettings,
    createdAt: Timestamp,
  })
  .openapi('Group', { description: 'The group behind a chat, as you see it.' })
export type Group = z.infer<typeof Group>

const profile = {
  id: UserId,
  username: orNull(Username).openapi({ description: 'Null until set.' }),
  firstName: z.string().nullable().openapi({ description: 'Null until set.', example: 'Ana' }),
  lastName: z.string().nullable().openapi({ description: 'Null until set.', example: 'Silva' }),
  avatarFileId: orNull(FileId).openapi({ description: 'The file that is the profile picture; null if there is none.' }),
  avatarUrl: FileUrl.nullable().openapi({
    description: 'A signed link to the profile picture, valid for about an hour.',
  }),
}

export const GroupUser = z.object(profile).openapi('GroupUser', {
  description:
    'The part of a user’s profile that names them. In groups, a change of the profile shows the next time one of the user’s devices looks at the group, or within an hour.',
})
export type GroupUserShown = z.infer<typeof GroupUser>

export const toGroupUser = (one: GroupProfile, link: FileLink): GroupUserShown => ({
  ...one,
  avatarUrl: one.avatarFileId && link(one.avatarFileId),
})

export const GroupMember = z
  .object({
    user: GroupUser,
    role: GroupRole,
    joinedAt: Timestamp.openapi({ description: 'When they last became a member.' }),
    left: z.boolean().openapi({
      description:
        'True for former members, who are kept so that their messages have a name, until they delete their account.',
      example: false,
    }),
    lastReadMessageId: orNull(MessageId).openapi({
      description: `Their read mark; null in groups of more than ${limits.groupMarksShownMax} members, and if they have read nothing.`,
    }),
  })
  .openapi('GroupMember', { description: 'A member of a group, present or former.' })
export type GroupMemberShown = z.infer<typeof GroupMember>

export const GroupMembers = pageOf(GroupMember, { items: 'The members on this page.' }).openapi('GroupMembers', {
  description: 'A page of members, by their user IDs.',
})

const GroupEventType = z.enum(groupEventTypes).openapi('GroupEventType', {
  description:
    '`groupCreated`; `membersAdded`, with whom; `memberJoined`, by an invitation, with whom: the sender is the new member, or who approved the request; `memberLeft`; `memberRemoved`, `memberBanned` and `memberUnbanned`, with whom; `roleChanged`, with whom and the new role; `ownerChanged`, with the new owner; `groupUpdated`, with the title if it is new; `messagePinned`, with the message.',
  example: 'membersAdded',
})

export const GroupEvent = z
  .object({
    type: GroupEventType,
    userIds: z
      .array(UserId)
      .openapi({ description: 'Whom it is about, besides the sender of the message, who did it.' }),
    title: z.string().nullable().openapi({ description: 'The new title; null if it did not change.', example: null }),
    role: orNull(GroupRole).openapi({ description: 'The new role; null if no role changed.' }),
    messageId: orNull(MessageId).openapi({
      description: 'The message that was pinned, which you might not see; null in other events.',
    }),
  })
  .openapi('GroupEvent', {
    description: 'Something that happened to a group. Put it into words in the language of your app.',
  })

const NewTitle = unmisleading(text(1, limits.groupTitleCharactersMax), misleadingInName)
const NewGroupAbout = unmisleading(text(1, limits.groupAboutCharactersMax), misleadingInText)

const unmisleadingTitle =
  'It must show something, and have no control characters, bidirectional controls, or invisible characters other than those that emoji and joined scripts need.'

const title = NewTitle.openapi({
  description: `The name of the group. ${unmisleadingTitle}`,
  example: 'Lighthouse keepers',
})
const about = NewGroupAbout.nullable().optional().openapi({
  description: 'What the group is about; null, or an empty string, clears it.',
  example: 'Everything about the north coast',
})

const avatarFileId = FileId.nullable().optional().openapi({
  description:
    'An image that you have uploaded: JPEG, PNG, GIF, or WebP; null clears the picture. The group gets a copy without metadata, such as the place where it was taken, which stays when you leave or delete your file.',
})

const settingsChange = z
  .strictObject(settings)
  .partial()
  .openapi('GroupSettingsChange', {
    description: 'Only the fields you send change.',
    example: { sendBy: 'admins' },
  })

const memberIds = (min: number) =>
  z
    .array(UserId)
    .min(min)
    .max(limits.groupAddedAtOnce)
    .refine((ids) => new Set(ids).size === ids.length, { message: 'Must not contain the same user twice.' })

export const GroupDraft = z
  .strictObject({
    clientGroupId: text(1, limits.clientMessageIdCharactersMax).openapi({
      description:
        'Chosen by the client, unique among the groups you create (use a UUID). Creating again with the same ID returns the same group, with no time limit.',
      example: '0b0c9f0e-3d0f-4a55-9a0e-6b1f5a1c2d3e',
    }),
    title,
    about,
    avatarFileId,
    settings: settingsChange.optional(),
    memberIds: memberIds(0)
      .optional()
      .openapi({
        description: 'Users to add at once, as `addGroupMembers` does.',
        uniqueItems: true,
        example: ['usr_01KAT5M8E1T3P5Y7W9D2C4V6BN'],
      }),
  })
  .openapi('GroupDraft', {
    description: 'A group to create.',
    example: {
      clientGroupId: '0b0c9f0e-3d0f-4a55-9a0e-6b1f5a1c2d3e',
      title: 'Lighthouse keepers',
      memberIds: ['usr_01KAT5M8E1T3P5Y7W9D2C4V6BN'],
    },
  })
export type GroupDraft = z.infer<typeof GroupDraft>

export const GroupChange = z
  .strictObject({ title: title.optional(), about, avatarFileId, settings: settingsChange.optional() })
  .openapi('GroupChange', {
    description: 'Only the fields you send change.',
    example: { title: 'Lighthouse keepers of the north' },
  })

export const MembersToAdd = z
  .strictObject({
    userIds: memberIds(1).openapi({
      description: `The users to add, at most ${limits.groupAddedAtOnce} at a time.`,
      uniqueItems: true,
      example: ['usr_01KAT5M8E1T3P5Y7W9D2C4V6BN'],
    }),
  })
  .openapi('MembersToAdd', { description: 'Users to add to a group.' })

export const addedFields = {
  added: z.array(UserId).openapi({ description: 'They are members now, or were already.' }),
  toInvite: z.array(UserId).openapi({
    description:
      'You cannot add them: their settings, or a block, do not allow it, they have left the group themselves, or they do not exist.',
  }),
  unreachable: z.array(UserId).openapi({ description: 'They could not be asked in time. Try again later.' }),
  banned: z.array(UserId).openapi({ description: 'They are banned from the group: an admin can lift the ban.' }),
}

export const AddedMembers = z.object(addedFields).openapi('AddedMembers', {
  description: 'What became of each user that you wanted to add.',
})

export const MemberChange = z
  .strictObject({
    role: GroupRole.openapi({ description: 'The new role. `owner` hands the group over: you become an admin.' }),
  })
  .openapi('MemberChange', { description: 'What changes of a member.', example: { role: 'admin' } })

export const GroupParams = z.object({ groupId: GroupId })
export const PinParams = z.object({ groupId: GroupId, messageId: MessageId })
export const MemberParams = z.object({ groupId: GroupId, userId: UserId })

export const GroupChangesCursor = z.string().min(1).max(256).openapi({
  description: 'Where the changes of this group continue. Opaque; never expires.',
  example: 'WzEsNDJd',
})

/** Made where messages and chats are known: see `changes.ts`. */
export const groupChangeFields = {
  chatId: ChatId,
  reset: z.boolean().openapi({
    description:
      'True if the page does not continue from your cursor: forget what you hold of this group. It brings the newest messages and all members; load older messages with `listMessages`. This happens without a cursor, after joining again, and when you are more than 2,000 changes behind.',
    example: false,
  }),
  members: z.array(GroupMember).openapi({ description: 'Members who are new, have changed, or have left.' }),
  cursor: GroupChangesCursor,
  hasMore: z.boolean().openapi({ description: 'Whether there are more changes after `cursor`.', example: false }),
}
