import type { ClientState } from '../../support/client-state.ts'
import type { Client } from './client.ts'
import { Trail } from './trail.ts'

/** Follows the changes page by page to their end. `store` is what the client does with a page before it asks on. */
export async function resumeOverRest(client: Client, state: ClientState, store: () => Promise<void>): Promise<Trail> {
  const trail = new Trail(state.cursor)
  for (let hasMore = true; hasMore; ) {
    const page = await client.changes(state.cursor)
    trail.note(page)
    state.apply(page.changes)
    await store()
    hasMore = page.changes.hasMore
  }
  return trail
}
