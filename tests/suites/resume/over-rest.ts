import type { ClientState } from '../../support/client-state.ts'
import type { Client } from './client.ts'
import { PageStats } from './page-stats.ts'

/** Reads pages of changes to the end. `store` stands for saving a page before the next one is requested. */
export async function resumeOverRest(
  client: Client,
  state: ClientState,
  store: () => Promise<void>,
): Promise<PageStats> {
  const stats = new PageStats(state.cursor)
  for (let hasMore = true; hasMore; ) {
    const page = await client.changes(state.cursor)
    stats.note(page)
    state.apply(page.changes)
    await store()
    hasMore = page.changes.hasMore
  }
  return stats
}
