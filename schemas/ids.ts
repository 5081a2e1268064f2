import { z } from '@hono/zod-openapi'
import { type IdKind, idPattern } from '../src/core/ids'

const id = (kind: IdKind, name: string, description: string, example: string) =>
  z
    .string()
    .regex(new RegExp(idPattern(kind)), { message: `Must be a ${kind} ID.` })
    .openapi(name, { description, example })

export const UserId = id('user', 'UserId', 'The ID of a user.', 'usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC')
export const SessionId = id(
  'session',
  'SessionId',
  'The ID of a session: a signed-in device.',
  'ses_01KAT5K70M2R9D6W4T8E3J5FPA',
)
export const VerificationId = id(
  'verification',
  'VerificationId',
  'The ID of one verification of a phone number.',
  'ver_01KAT5JZ4S7C1H9G0K2QX6B8VN',
)
export const FileId = id('file', 'FileId', 'The ID of an uploaded file.', 'fil_01KAT5P2C3N8W5R7Y1Z4M6D9TQ')
export const MessageId = id(
  'message',
  'MessageId',
  'The ID of a message. The IDs in a chat sort in the order of the chat.',
  'msg_01KAT5Q9V6F2X4J8S0A3G5K7HB',
)
export const ReportId = id('report', 'ReportId', 'The ID of a report of a user.', 'rep_01KAT5SG2D8N4B7V1C6X9Z3M5K')
export const GroupId = id('group', 'GroupId', 'The ID of a group.', 'grp_01KAT5W3J9F2N6C8X1V4B7M0QD')
export const InviteId = id('invite', 'InviteId', 'The ID of an invitation.', 'inv_01KAT5X2M7Q4T9V1B6N3C8Z5RG')
export const ChatId = z
  .string()
  .regex(new RegExp(`${idPattern('user')}|${idPattern('group')}`), { message: 'Must be a chat ID.' })
  .openapi('ChatId', {
    description: 'The ID of a chat: the peer’s user ID, your own for notes to self, or the ID of a group.',
    example: 'usr_01KAT5M8E1T3P5Y7W9D2C4V6BN',
  })
export const Timestamp = z.iso
  .datetime({ precision: 3 })
  .openapi('Timestamp', { description: 'RFC 3339 in UTC, with milliseconds.', example: '2026-11-24T09:30:00.000Z' })
