import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { MessageId, ReportId, Timestamp, UserId } from './ids'
import { text } from './text'

export const ReportReason = z
  .enum(['spam', 'fraud', 'harassment', 'violence', 'sexualContent', 'childSafety', 'impersonation', 'other'])
  .openapi('ReportReason', {
    description:
      'What somebody is reported for: unwanted advertising, an attempt to cheat, harassment, violence or threats, unwanted sexual content, danger to a child, passing for somebody else, or anything else.',
    example: 'spam',
  })
export type ReportReason = z.infer<typeof ReportReason>

const Comment = text(1, limits.reportCommentCharactersMax)

const MessageIds = z.array(MessageId).max(limits.reportMessagesMax)

export const NewReport = z
  .strictObject({
    reason: ReportReason,
    comment: Comment.optional().openapi({
      description: 'What the app’s owner should know besides.',
      example: 'Nothing but lighthouses.',
    }),
    messageIds: MessageIds.refine((ids) => new Set(ids).size === ids.length, { message: 'Each message once.' })
      .optional()
      .openapi({
        description:
          'Messages of the chat with the user, by either side, that show it. They are copied as they are now, so that they can be read when they are edited or deleted.',
        uniqueItems: true,
        example: [],
      }),
  })
  .openapi('NewReport', {
    description: 'Why somebody is reported.',
    example: { reason: 'spam', comment: 'Nothing but lighthouses.' },
  })
export type NewReport = z.infer<typeof NewReport>

export const Report = z
  .object({
    id: ReportId,
    userId: UserId.openapi({ description: 'Who was reported.' }),
    reason: ReportReason,
    comment: Comment.nullable().openapi({
      description: 'Null when nothing was said.',
      example: 'Nothing but lighthouses.',
    }),
    messageIds: MessageIds.openapi({ description: 'The messages that were copied.', example: [] }),
    createdAt: Timestamp,
  })
  .openapi('Report', { description: 'What a user has told the app’s owner of another.' })
export type Report = z.infer<typeof Report>
