import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { blankAsText } from '../src/core/shown-text'
import { GroupId, MessageId, ReportId, Timestamp, UserId } from './ids'
import { orNull } from './or-null'
import { text, unmisleading } from './text'

export const ReportReason = z
  .enum(['spam', 'fraud', 'harassment', 'violence', 'sexualContent', 'childSafety', 'impersonation', 'other'])
  .openapi('ReportReason', {
    description:
      'Why the user is reported: unwanted advertising, attempted fraud, harassment, violence or threats, unwanted sexual content, danger to a child, impersonating someone else, or anything else.',
    example: 'spam',
  })
export type ReportReason = z.infer<typeof ReportReason>

const Comment = text(1, limits.reportCommentCharactersMax)

const MessageIds = z.array(MessageId).max(limits.reportMessagesMax)

export const ReportDetails = z
  .strictObject({
    reason: ReportReason,
    comment: unmisleading(text(0, limits.reportCommentCharactersMax), (value) =>
      value === '' ? null : blankAsText(value),
    )
      .optional()
      .openapi({
        description: 'Anything else that the app’s owner should know.',
        example: 'Nothing but lighthouses.',
      }),
    chatId: GroupId.optional().openapi({
      description: 'The group that the messages are in. Without it, they are in your chat with the user.',
    }),
    messageIds: MessageIds.refine((ids) => new Set(ids).size === ids.length, {
      message: 'Must not contain the same message twice.',
    })
      .optional()
      .openapi({
        description: `Messages that serve as evidence: in your chat with the user, from either side; or, with \`chatId\`, what the user wrote in that group. They are copied as they are now, up to ${limits.reportTextCharactersMax} characters of each text (fewer of the later ones if the report is long) and with their metadata, so that they can be read even after they are edited or deleted.`,
        uniqueItems: true,
        example: [],
      }),
  })
  .openapi('ReportDetails', {
    description: 'Why you report a user.',
    example: { reason: 'spam', comment: 'Nothing but lighthouses.' },
  })
export type ReportDetails = z.infer<typeof ReportDetails>

export const Report = z
  .object({
    id: ReportId,
    userId: orNull(UserId).openapi({
      description: 'The reported user; null once they have deleted their account.',
      example: 'usr_01KAT5M8E1T3P5Y7W9D2C4V6BN',
    }),
    reason: ReportReason,
    comment: Comment.nullable().openapi({
      description: 'Null if you left no comment.',
      example: 'Nothing but lighthouses.',
    }),
    messageIds: MessageIds.openapi({ description: 'The messages that were copied.', example: [] }),
    createdAt: Timestamp,
  })
  .openapi('Report', { description: 'A report of a user to the app’s owner.' })
export type Report = z.infer<typeof Report>
