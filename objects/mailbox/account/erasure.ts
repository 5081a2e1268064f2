import { limits } from '../../../src/core/limits'
import type { MailboxContext } from '../context'
import { endFeed } from '../delivery/results'
import { removeAllFiles } from '../files/stored-files'
import * as sessions from '../sessions/sessions'
import type { KeyValues } from '../tables/key-values'

/**
 * The erasure of an account, in steps that the alarm repeats until each is done. The intent is recorded and the
 * sessions end in one block. Then the record in D1 is removed, peers receive what was acknowledged and are told that
 * the user is gone, files are removed, and finally everything in this object except a tombstone.
 */
export interface Erasure {
  /** Epoch milliseconds, like `lastUsedAt`. */
  startedAt: number
  /** Verifications of the number up to this time were this user's; later ones might be somebody else's. */
  lastUsedAt: number
  recordRemoved: boolean
}

const save = (values: KeyValues, erasure: Erasure): Erasure => {
  values.write('erasure', JSON.stringify(erasure))
  return erasure
}

/** The erasure in progress, or null. */
export const find = (values: KeyValues): Erasure | null => {
  const stored = values.read('erasure')
  return stored === undefined ? null : JSON.parse(stored)
}

/** Makes the erasure certain: from here on nobody is signed in, and the alarm does the rest. */
export function begin(context: MailboxContext, lastUsedAt: number): Erasure {
  sessions.endOthers(context, '', { reason: 'account_deleted' })
  context.profile.expectNone()
  removeAllFiles(context)
  context.wakeBy(context.now)
  return save(context.values, { startedAt: context.now, lastUsedAt, recordRemoved: false })
}

export const recordRemoved = (context: MailboxContext, erasure: Erasure): Erasure =>
  save(context.values, { ...erasure, recordRemoved: true })

/** When the erasure stops waiting for peers (epoch milliseconds). */
export const patienceEnds = ({ startedAt }: Pick<Erasure, 'startedAt'>) => startedAt + limits.erasurePatienceMs

/** Stops waiting for peers whose mailboxes have been unreachable for weeks: erasure is a promise too. */
export function giveUpPeers(context: MailboxContext, { startedAt }: Erasure) {
  if (context.now < patienceEnds({ startedAt })) return
  for (const chat of context.chats.all()) endFeed(context, chat.peer_id)
}

/** Whether this object used to be a mailbox. */
export const isErased = (sql: SqlStorage) =>
  sql.exec(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tombstone'`).toArray().length > 0

/**
 * Deletes everything except a tombstone, which keeps a late delivery or sign-in from recreating the mailbox. The
 * deletion and the tombstone are written before anything else can happen, so they become durable together.
 */
export async function bury(storage: DurableObjectStorage, now: number) {
  const deleted = storage.deleteAll()
  storage.sql.exec('CREATE TABLE tombstone (erased_at INTEGER NOT NULL)')
  storage.sql.exec('INSERT INTO tombstone (erased_at) VALUES (?)', now)
  await deleted
}
