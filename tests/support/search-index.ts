import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { inMailbox, stubOf } from './delivery-faults'

const hourMs = 3_600_000

/** Has the alarm bring the search index of a mailbox up to date now, whenever it is due. */
export async function indexAll({ id }: { id: string }) {
  for (let mark = 'start = (SELECT max(start) FROM search_blocks)'; ; mark = 'rebuild_at IS NOT NULL') {
    await inMailbox(id, `UPDATE search_blocks SET rebuild_at = 1 WHERE ${mark}`)
    if ((await inMailbox(id, 'SELECT 1 FROM search_blocks WHERE rebuild_at IS NOT NULL')).length === 0) return
    await runInDurableObject(stubOf(id), (_, { storage }) => storage.setAlarm(Date.now() + hourMs))
    await runDurableObjectAlarm(stubOf(id))
  }
}

/** Has the search index of a mailbox begin again with everything that it holds, whoever wrote the rows. */
export async function indexAnew(user: { id: string }) {
  await inMailbox(user.id, `DELETE FROM search_blocks WHERE start <> ''`)
  await inMailbox(user.id, 'UPDATE search_blocks SET chats = NULL, signature = NULL, rebuild_at = 1')
  await indexAll(user)
}
