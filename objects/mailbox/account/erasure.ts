import { limits } from '../../../src/core/limits'
import type { Box } from '../context'
import { endFeed } from '../delivery/outgoing'
import * as files from '../files'
import * as sessions from '../sessions/sessions'
import * as meta from '../tables/key-values'

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
  meta.write(sql, 'erasure', JSON.stringify(erasure))
  return erasure
}

/** What is under way, or null. */
export const find = (sql: SqlStorage): Erasure | null => {
  const stored = meta.read(sql, 'erasure')
  return stored === undefined ? null : JSON.parse(stored)
}

/** Makes the erasure certain: from here on nobody is signed in, and the alarm does the rest. */
export function begin(box: Box, lastUsedAt: number): Erasure {
  sessions.endOthers(box, '', { reason: 'account_deleted' })
  meta.expectNoProfile(box.sql)
  files.removeAll(box)
  box.wakeBy(box.now)
  return save(box.sql, { startedAt: box.now, lastUsedAt, recordRemoved: false })
}

export const recordRemoved = (box: Box, erasure: Erasure): Erasure => save(box.sql, { ...erasure, recordRemoved: true })

/** Waits no longer for peers whose mailboxes could not be reached for weeks: erasing is a promise as well. */
export function giveUpPeers(box: Box, { startedAt }: Erasure) {
  if (box.now - startedAt < limits.erasurePatienceMs) return
  for (const chat of box.chats.all()) endFeed(box, chat.peer_id)
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
