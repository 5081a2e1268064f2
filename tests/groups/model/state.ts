import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { type GroupRow, headOf } from '../../../objects/mailbox/tables/groups'
import { stubOf } from '../../support/delivery-faults'
import type { TestGroup } from '../../support/group-calls'

/** What a group and the mailboxes of its members have stored. */

export const groupStub = ({ id }: TestGroup) => env.GROUP.get(env.GROUP.idFromName(id))

export interface MemberFacts {
  userId: string
  isIn: boolean
  since: number
  role: string
  hushedAt: number
  owed: number
  visibleAfter: string
  clearedId: string
  readId: string
}

export interface MessageFacts {
  id: string
  senderId: string
  clientMessageId: string | null
  text: string
  deletedAt: number | null
}

export interface GroupFacts {
  seq: number
  told: number
  title: string
  settings: { historyVisible: string; addBy: string }
  alarmAt: number | null
  members: MemberFacts[]
  messages: MessageFacts[]
  reactions: { messageId: string; userId: string }[]
  hidden: { userId: string; messageId: string }[]
  mentions: { userId: string; messageId: string }[]
}

const select = {
  members: `SELECT user_id AS userId, present = 1 AS isIn, since, role, hushed_at AS hushedAt, owed,
      visible_after AS visibleAfter, cleared_id AS clearedId, read_id AS readId FROM members`,
  messages: `SELECT id, sender_id AS senderId, client_message_id AS clientMessageId, text, deleted_at AS deletedAt
      FROM messages ORDER BY id`,
  reactions: 'SELECT message_id AS messageId, user_id AS userId FROM reactions',
  hidden: 'SELECT user_id AS userId, message_id AS messageId FROM hidden',
  mentions: 'SELECT user_id AS userId, message_id AS messageId FROM mentions',
}

export const readGroup = (group: TestGroup): Promise<GroupFacts> =>
  runInDurableObject(groupStub(group), async (_, { storage }) => {
    const rows = <T>(query: string) => storage.sql.exec(query).toArray() as T[]
    const [facts] = rows<{ seq: number; told: number; title: string; settings: string }>(
      'SELECT seq, told, title, settings FROM facts',
    )
    if (!facts) throw new Error('There is no group')
    return {
      ...facts,
      settings: JSON.parse(facts.settings),
      alarmAt: await storage.getAlarm(),
      members: rows<MemberFacts>(select.members).map((member) => ({ ...member, isIn: Boolean(member.isIn) })),
      messages: rows<MessageFacts>(select.messages),
      reactions: rows(select.reactions),
      hidden: rows(select.hidden),
      mentions: rows(select.mentions),
    }
  })

/** What a mailbox believes of a group; undefined if it has never heard of it. */
export const readMailbox = (userId: string, { id }: TestGroup) =>
  runInDurableObject(stubOf(userId), (_, { storage }) => {
    const [row] = storage.sql.exec<GroupRow>('SELECT * FROM groups WHERE group_id = ?', id).toArray()
    return row && { state: row.state, since: row.since, isDirty: row.dirty === 1, head: headOf(row) }
  })
