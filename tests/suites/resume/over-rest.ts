import { Trail } from './trail.ts'

/** Follows the changes page by page to their end. `store` is what the client does with a page before it asks on. */
export async function resumeOverRest(client, copy, store) {
  const trail = new Trail(copy.cursor)
  for (let hasMore = true; hasMore; ) {
    const page = await client.changes(copy.cursor)
    trail.note(page)
    copy.apply(page.changes)
    await store()
    hasMore = page.changes.hasMore
  }
  return trail
}
