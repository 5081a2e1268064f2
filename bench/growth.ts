// How the time of a call grows with what a mailbox holds. The mailboxes are filled in their files while the service is down:
// a hundred thousand messages would take too long to send.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Runtime } from '../tests/suites/runtime/runtime.ts'
import { type SignedInUser, signIn } from '../tests/suites/runtime/sign-in.ts'
import { chatColumns, chatRows, messageRows } from '../tests/support/scale-rows.ts'
import { measure } from './load.ts'
import { freshNumber, introduce, sendTo } from './people.ts'
import { get, sendingOne } from './service-operations.ts'
import type { Curve } from './summary.ts'

const measuredMs = 700
const warmUpMs = 300
/** For the search index of 1,000 messages. */
const indexingMs = 200

/** Every twentieth message has the word that is searched. */
const messageText = `iif(i % 20 = 0, 'the lighthouse at seven', 'bring a torch and a map')`

const sizes = { messages: [10, 1_000, 10_000, 100_000], chats: [10, 1_000, 5_000] }

interface Mailbox {
  user: SignedInUser
  friend: SignedInUser
  kind: 'messages' | 'chats'
  size: number
}

/** A user with one friend, and a chat with themselves by which their database is recognized. */
async function settleIn(runtime: Runtime, kind: Mailbox['kind'], size: number): Promise<Mailbox> {
  const [user, friend] = [await signIn(runtime, freshNumber()), await signIn(runtime, freshNumber())]
  await introduce(runtime, friend, user)
  await introduce(runtime, user, friend)
  await sendTo(runtime, user, user.id)
  return { user, friend, kind, size }
}

function* databasesIn(folder: string) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => /Mailbox\/[0-9a-f]{64}\.sqlite$/.test(name))) {
    const database = new DatabaseSync(path.join(folder, file))
    try {
      yield database
    } finally {
      database.close()
    }
  }
}

function fill(database: DatabaseSync, { friend, kind, size }: Mailbox) {
  database.exec('BEGIN')
  if (kind === 'messages') {
    const rows = { count: size, seq: 'i', text: messageText }
    database.exec(messageRows(friend.id, rows))
    // The search index begins again with everything that the mailbox holds.
    database.exec(`DELETE FROM search_blocks WHERE start <> '';
      UPDATE search_blocks SET chats = NULL, signature = NULL, rebuild_at = 1`)
  } else {
    const columns = database.prepare(chatColumns).all() as { name: string }[]
    database.exec(chatRows(columns, size))
  }
  // The last number of the change feed is the greatest of any chat, and no two rows have the same.
  const step = kind === 'messages' ? size : 'place'
  database.exec(`UPDATE chats SET seq = seq + ${step} FROM (SELECT peer_id AS id, row_number() OVER () AS place FROM chats)
    WHERE id = peer_id`)
  database.exec('COMMIT')
}

function fillAll(folder: string, mailboxes: readonly Mailbox[]) {
  let filled = 0
  for (const database of databasesIn(folder))
    for (const mailbox of mailboxes) {
      const { user, friend } = mailbox
      const own = database
        .prepare('SELECT count(*) AS chats FROM chats WHERE peer_id IN (?, ?)')
        .get(user.id, friend.id)
      if (own?.['chats'] !== 2) continue
      fill(database, mailbox)
      filled++
    }
  if (filled !== mailboxes.length) throw new Error(`Filled ${filled} of ${mailboxes.length} mailboxes`)
}

const calls = ({ user, friend }: Mailbox) => ({
  'page of messages': get(user, `/v1/chats/${friend.id}/messages?limit=50`),
  'page of chats': get(user, '/v1/chats?limit=50'),
  'page of changes': get(user, '/v1/changes?limit=50'),
  send: sendingOne(user, friend),
  search: get(user, '/v1/messages/search?q=lighthouse&limit=50'),
})

/** Fills mailboxes of several sizes, and measures calls at one connection. Restarts the service. */
export async function measureGrowth(runtime: Runtime, folder: string): Promise<Curve[]> {
  const mailboxes: Mailbox[] = []
  for (const kind of ['messages', 'chats'] as const)
    for (const size of sizes[kind]) mailboxes.push(await settleIn(runtime, kind, size))
  await runtime.kill()
  fillAll(path.join(folder, 'service/state'), mailboxes)
  await runtime.start()
  // The alarm of each mailbox builds its search index: nobody can ask how far it is.
  for (const mailbox of mailboxes) await measure(runtime, calls(mailbox).search, { connections: 1, ms: 1 })
  await sleep((indexingMs * Math.max(...sizes.messages)) / 1_000)
  const curves: Curve[] = []
  for (const mailbox of mailboxes)
    for (const [call, operation] of Object.entries(calls(mailbox))) {
      await measure(runtime, operation, { connections: 1, ms: warmUpMs })
      const { p50, p99 } = await measure(runtime, operation, { connections: 1, ms: measuredMs })
      curves.push({ kind: mailbox.kind, size: mailbox.size, call, p50, p99 })
    }
  return curves
}
