// For this window only, in sessionStorage: it survives a reload, and two windows of one browser are two users. An app
// for one user would share its tokens between windows, and keep its copy of the chats in IndexedDB. Here, the copy and
// its cursor are both in memory: after a reload, both are fetched again.
import type { Tokens } from '../typescript/schema'
import type { TokenStore } from '../typescript/session'
import type { OutboxKeeper, Pending } from '../typescript/store'

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

/** Unsent messages survive a reload, too. They belong to one session: the next user must not send them. */
export const windowOutbox = (sessionId: string): OutboxKeeper => ({
  load: () => load<Pending[]>(`outbox ${sessionId}`) ?? [],
  save: (pending) => save(`outbox ${sessionId}`, pending),
})

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
    navigator.locks.request(`session ${sessionId}`, { signal }, forever).catch(() => resolve(false))
  })
}
