// For this window only: tokens in sessionStorage, which survive a reload while two windows of one browser are two users,
// and all else in a database of the session. An app for one user would share both between windows.
import { IndexedDbStore } from '../typescript/indexed-db-store'
import type { Tokens } from '../typescript/schema'
import type { TokenStore } from '../typescript/session'
import { keptIn, MemoryStore } from '../typescript/store'

function load<T>(key: string): T | undefined {
  const text = sessionStorage.getItem(key)
  return text === null ? undefined : JSON.parse(text)
}

const save = (key: string, value: unknown) => sessionStorage.setItem(key, JSON.stringify(value))

export const windowTokens = {
  load: () => load<Tokens>('tokens'),
  save: (tokens) => save('tokens', tokens),
  clear: () => sessionStorage.clear(),
} satisfies TokenStore

export type WindowStore = IndexedDbStore | MemoryStore

const databaseOf = (sessionId: string) => `session ${sessionId}`
const lockOf = databaseOf

/**
 * What the window holds of its account, which survives a reload, even one without a network. Where the browser has no
 * place for it, only the messages that are still to be sent survive, and the rest is fetched again.
 */
export const openStore = (sessionId: string, changed: () => void): Promise<WindowStore> =>
  IndexedDbStore.open(databaseOf(sessionId), changed).catch(
    () => new MemoryStore(changed, keptIn(sessionStorage, `outbox ${sessionId}`)),
  )

export const eraseStore = async (store: WindowStore) => {
  if (store instanceof IndexedDbStore) await store.erase()
}

/** Deletes what windows have left behind that were closed without signing out: their tokens are gone with them. */
export async function eraseAbandoned() {
  const { held = [] } = await navigator.locks.query()
  for (const { name = '' } of await indexedDB.databases())
    if (name.startsWith(databaseOf('')) && !held.some((lock) => lock.name === name)) indexedDB.deleteDatabase(name)
}

const claimWithinMs = 3_000

/**
 * Whether this window has its session to itself. A duplicated window has a copy of the original's storage; if both
 * refreshed those tokens, the server would take one of them for a thief. The lock is released with the window.
 */
export function claim({ sessionId }: Tokens): Promise<boolean> {
  return new Promise((resolve) => {
    const forever = () => {
      resolve(true)
      return new Promise<void>(() => {})
    }
    // After a reload, the previous page may still hold it for a moment.
    const signal = AbortSignal.timeout(claimWithinMs)
    navigator.locks.request(lockOf(sessionId), { signal }, forever).catch(() => resolve(false))
  })
}
