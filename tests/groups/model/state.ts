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
  /** The last member has left, and it was erased. */
  isErased: boolean
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
  /** How many bans and requests there are more than are counted, and how many of members. */
  astray: { bans: number; requests: number; bannedMembers: number; requestsOfMembers: number }
}

const nothing: GroupFacts = {
  ...{
    isErased: true,
    seq: 0,
    told: 0,
    title: '',
    settings: { historyVisible: 'all', addBy: 'members' },
    alarmAt: null,
  },
  ...{ members: [], messages: [], reactions: [], hidden: [], mentions: [] },
  astray: { bans: 0, requests: 0, bannedMembers: 0, requestsOfMembers: 0 },
}

const select = {
  members: `SELECT user_id AS userId, present = 1 AS isIn, since, role, hushed_at AS hushedAt, owed,
      visible_after AS visibleAfter, cleared_id AS clearedId, read_id AS readId FROM members`,
  messages: `SELECT id, sender_id AS senderId, client_message_id AS clientMessageId, text, deleted_at AS deletedAt
      FROM messages ORDER BY id`,
  reactions: 'SELECT message_id AS messageId, user_id AS userId FROM reactions',
  hidden: 'SELECT user_id AS userId, message_id AS messageId FROM hidden',
  mentions: 'SELECT user_id AS userId, message_id AS messageId FROM mentions',
  astray: `SELECT (SELECT count(*) FROM bans) - ban_count AS bans,
      (SELECT count(*) FROM join_requests) - join_request_count AS requests,
      (SELECT count(*) FROM bans JOIN members USING (user_id) WHERE present = 1) AS bannedMembers,
      (SELECT count(*) FROM join_requests JOIN members USING (user_id) WHERE present = 1) AS requestsOfMembers
    FROM facts`,
}

export const readGroup = (group: TestGroup): Promise<GroupFacts> =>
  runInDurableObject(groupStub(group), async (_, { storage }) => {
    const rows = <T>(query: string) => storage.sql.exec(query).toArray() as T[]
    if (rows(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tombstone'`).length > 0) return nothing
    const [facts] = rows<{ seq: number; told: number; title: string; settings: string }>(
      'SELECT seq, told, title, settings FROM facts',
    )
    const [astray] = rows<GroupFacts['astray']>(select.astray)
    if (!facts || !astray) throw new Error('There is no group')
    return {
      ...facts,
      isErased: false,
      astray,
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
