import { createHash } from 'node:crypto'
import { excerpt } from '../../../src/core/excerpt'
import type { GroupMessage } from '../../../src/core/group'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { toMessage } from '../changes/to-member'
import type { MemberContext } from '../context'
import type { GroupSend, GroupSent } from '../shapes'
import { settingsOf } from '../tables/facts'
import * as files from '../tables/files'
import { isHidden } from '../tables/hidden'
import { floorOf, type MemberRow } from '../tables/members'
import * as mentions from '../tables/mentions'
import { find, findByClientId, type GroupMessageRow, insert } from '../tables/messages'
import { mintMessageId } from './ids'

/** Tells a retry from an id that is used for something else. */
function requestHash({ text, attachments, metadata, replyToId, mentions: named }: GroupSend): string {
  const asked = [text, attachments.map(({ fileId }) => fileId), metadata, replyToId, named]
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64url')
}

/** Stores a message once per sender and client message id. */
export function sendMessage(context: MemberContext, input: GroupSend): Outcome<GroupSent> {
  const { me, sql } = context
  const hash = requestHash(input)
  const known = findByClientId(sql, me.user_id, input.clientMessageId)
  if (known) return repeat(context, known, hash)
  const refused = refusal(context, input)
  if (refused) return refused
  const quote = input.replyToId === null ? null : quoteOf(context, input.replyToId)
  if (quote === undefined) return unusable('/replyToId', 'reply_target_unusable', 'No such message in this chat.')
  const strangers = input.mentions.findIndex((userId) => !context.members.member(userId))
  if (strangers >= 0) return unusable(`/mentions/${strangers}`, 'mention_unusable', 'Not a member of the group.')
  return done({ message: toMessage(context, me, store(context, input, { hash, quote })), created: true })
}

const unusable = (pointer: string, code: 'reply_target_unusable' | 'mention_unusable', detail: string) =>
  refuse(code, [{ pointer, code, detail }])

function repeat(context: MemberContext, row: GroupMessageRow, hash: string): Outcome<GroupSent> {
  if (row.request_hash === hash) return done({ message: toMessage(context, context.me, row), created: false })
  const detail = 'It was already used for another message.'
  return refuse('client_message_id_reused', [{ pointer: '/clientMessageId', code: 'client_message_id_reused', detail }])
}

/** Why the member may not send something new now, or null. */
function refusal({ me, facts, now, isFull }: MemberContext, { waitSeconds }: GroupSend): Outcome<never> | null {
  if (waitSeconds !== null) return { ok: false, code: 'sends_exhausted', retryAfterSeconds: waitSeconds }
  if (isFull()) return refuse('group_storage_full')
  if (me.role !== 'member') return null
  const { sendBy, slowModeSeconds } = settingsOf(facts.row)
  if (sendBy === 'admins') return refuse('not_allowed_in_group')
  const waitMs = me.sent_at + slowModeSeconds * 1000 - now
  if (slowModeSeconds === 0 || waitMs <= 0) return null
  return { ok: false, code: 'slow_mode', retryAfterSeconds: Math.ceil(waitMs / 1000) }
}

/** A quote of a message that the member sees; undefined if there is none. */
function quoteOf({ sql, me }: MemberContext, replyToId: string): GroupMessage['replyTo'] | undefined {
  const row = replyToId > floorOf(me) ? find(sql, replyToId) : undefined
  if (!row || row.deleted_at !== null || row.event !== null || isHidden(sql, me.user_id, replyToId)) return undefined
  return { id: row.id, senderId: row.sender_id, text: excerpt(row.text, limits.quoteCharactersMax) }
}

interface Prepared {
  hash: string
  quote: GroupMessage['replyTo']
}

const stored = (list: unknown[]) => (list.length > 0 ? JSON.stringify(list) : null)

function store(context: MemberContext, input: GroupSend, { hash, quote }: Prepared): GroupMessageRow {
  const { sql, me, now, unread, facts } = context
  const row: GroupMessageRow = {
    id: mintMessageId(context),
    seq: context.change('common'),
    sender_id: me.user_id,
    client_message_id: input.clientMessageId,
    request_hash: hash,
    text: input.text,
    attachments: stored(input.attachments),
    metadata: input.metadata,
    reply_to_id: quote?.id ?? null,
    reply_to: quote && JSON.stringify(quote),
    mentions: stored(input.mentions),
    reactions: null,
    event: null,
    pinned_at: null,
    created_at: now,
    edited_at: null,
    deleted_at: null,
  }
  insert(sql, row)
  if (input.attachments.length > 0) files.add(sql, row.id, input.attachments)
  // Nobody has their own message to read.
  const others = input.mentions.filter((userId) => userId !== me.user_id)
  if (others.length > 0) mentions.add(sql, row.id, others)
  if (settingsOf(facts.row).slowModeSeconds > 0) noteSent(context, me)
  unread.sent(me.user_id, row.id, input.mentions)
  return row
}

const noteSent = ({ members, now }: MemberContext, me: MemberRow) => members.save({ ...me, sent_at: now })
