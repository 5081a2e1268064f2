import { limits } from '../../../src/core/limits'
import type { MailboxContext } from '../context'
import { endFeed } from '../delivery/results'
import { removeAllFiles } from '../files/stored-files'
import * as sessions from '../sessions/sessions'
import * as keyValues from '../tables/key-values'
import { expectNoProfile } from '../tables/profile'

/**
 * The end of an account, in steps that the alarm repeats until each is done. The sessions end with the intent, in one
 * block; then the record in D1 goes, peers get what was acknowledged and are told, files go, and last everything that is
 * here, but for a tombstone.
 */
export interface Erasure {
  /** Epoch milliseconds, as is the other. */
  startedAt: number
  /** Verifications of the number up to then were this user's; what comes later may be somebody else's. */
  lastUsedAt: number
  recordRemoved: boolean
}

const save = (sql: SqlStorage, erasure: Erasure): Erasure => {
  keyValues.write(sql, 'erasure', JSON.stringify(erasure))
  return erasure
}

/** What is under way, or null. */
export const find = (sql: SqlStorage): Erasure | null => {
  const stored = keyValues.read(sql, 'erasure')
  return stored === undefined ? null : JSON.parse(stored)
}

/** Makes the erasure certain: from here on nobody is signed in, and the alarm does the rest. */
export function begin(context: MailboxContext, lastUsedAt: number): Erasure {
  sessions.endOthers(context, '', { reason: 'account_deleted' })
  expectNoProfile(context.sql)
  removeAllFiles(context)
  context.wakeBy(context.now)
  return save(context.sql, { startedAt: context.now, lastUsedAt, recordRemoved: false })
}

export const recordRemoved = (context: MailboxContext, erasure: Erasure): Erasure =>
  save(context.sql, { ...erasure, recordRemoved: true })

/** When the erasure stops waiting for peers (epoch milliseconds). */
export const patienceEnds = ({ startedAt }: Pick<Erasure, 'startedAt'>) => startedAt + limits.erasurePatienceMs

/** Waits no longer for peers whose mailboxes could not be reached for weeks: erasing is a promise as well. */
export function giveUpPeers(context: MailboxContext, { startedAt }: Erasure) {
  if (context.now < patienceEnds({ startedAt })) return
  for (const chat of context.chats.all()) endFeed(context, chat.peer_id)
}

/** Whether this object was a mailbox once. */
export const isErased = (sql: SqlStorage) =>
  sql.exec(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tombstone'`).toArray().length > 0

/**
 * Leaves nothing but a tombstone, which keeps a late delivery or sign-in from making the mailbox anew. Both are written
 * before anything else can happen, and so become durable together.
 */
export async function bury(storage: DurableObjectStorage, now: number) {
  const deleted = storage.deleteAll()
  storage.sql.exec('CREATE TABLE tombstone (erased_at INTEGER NOT NULL)')
  storage.sql.exec('INSERT INTO tombstone (erased_at) VALUES (?)', now)
  await deleted
}
