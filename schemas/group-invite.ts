import { z } from '@hono/zod-openapi'
import { groupStandings } from '../src/core/group'
import { inviteCodePattern } from '../src/core/invite-codes'
import { limits } from '../src/core/limits'
import { Chat } from './chat'
import { GroupId, InviteId, Timestamp, UserId } from './ids'
import { count } from './integers'
import { orNull } from './or-null'
import { pageOf } from './page'

export const InviteCode = z
  .string()
  .regex(new RegExp(inviteCodePattern), { message: 'Must be an invitation code.' })
  .openapi('InviteCode', {
    description: 'An invitation as people pass it on: whoever has it can use it. Put it into a link of your app.',
    example: 'grp_01KAT5W3J9F2N6C8X1V4B7M0QD.tq3v8ZkW1nY5cR0xJ7uLdQ',
  })

const needsApproval = z.boolean().openapi({
  description: 'Whether who uses it becomes a member only when the owner or an admin approves.',
  example: false,
})

export const GroupInviteDraft = z
  .strictObject({
    expiresInSeconds: z
      .int()
      .min(limits.groupInviteSecondsMin)
      .max(limits.groupInviteSecondsMax)
      .optional()
      .openapi({ format: 'int32', description: 'How long it can be used; without it, until it is revoked.' }),
    maxUses: z
      .int()
      .min(1)
      .max(limits.groupMembersMax)
      .optional()
      .openapi({ format: 'int32', description: 'By how many users it can be used; without it, by any number.' }),
    needsApproval: needsApproval.optional(),
  })
  .openapi('GroupInviteDraft', {
    description: 'An invitation to create. All fields are optional.',
    example: { expiresInSeconds: 604_800, maxUses: 20 },
  })
export type GroupInviteDraft = z.infer<typeof GroupInviteDraft>

export const GroupInvite = z
  .object({
    id: InviteId,
    code: InviteCode,
    createdBy: UserId,
    createdAt: Timestamp,
    expiresAt: orNull(Timestamp).openapi({ description: 'Until when it can be used; null if it does not expire.' }),
    maxUses: count().nullable().openapi({ description: 'By how many users; null: any number.', example: 20 }),
    uses: count().openapi({ description: 'How many users have joined by it, or asked to.', example: 3 }),
    needsApproval,
  })
  .openapi('GroupInvite', { description: 'An invitation to a group.' })
export type GroupInviteShown = z.infer<typeof GroupInvite>

export const GroupInvites = pageOf(GroupInvite, { items: 'The invitations on this page.' }).openapi('GroupInvites', {
  description: 'A page of invitations, newest first.',
})

const GroupStanding = z.enum(groupStandings).openapi('GroupStanding', {
  description: '`member`; `requested`: you have asked to join, and nobody has decided yet; `none`.',
  example: 'none',
})

export const GroupInvitePreview = z
  .object({
    groupId: GroupId,
    title: z.string().openapi({ description: 'The name of the group.', example: 'Lighthouse keepers' }),
    about: z.string().nullable().openapi({ description: 'What the group is about.', example: null }),
    memberCount: count().openapi({ description: 'How many members it has.', example: 3 }),
    needsApproval,
    standing: GroupStanding.openapi({ description: 'How you stand to the group.' }),
  })
  .openapi('GroupInvitePreview', { description: 'What you see of a group before you join.' })
export type GroupInvitePreview = z.infer<typeof GroupInvitePreview>

export const JoinedGroup = z
  .object({
    standing: GroupStanding.openapi({ description: '`member`, or `requested` if an admin has to approve first.' }),
    chat: orNull(Chat).openapi({ description: 'The chat of the group; null until you are a member.' }),
  })
  .openapi('JoinedGroup', { description: 'What using an invitation led to.' })
export type JoinedGroup = z.infer<typeof JoinedGroup>

export const InviteParams = z.object({ groupId: GroupId, inviteId: InviteId })
export const InviteCodeParams = z.object({ code: InviteCode })
