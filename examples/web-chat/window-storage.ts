// Of this window alone, in sessionStorage: it survives a reload, and two windows of one browser are two users. An app
// for one user would share its tokens between windows, and keep its copy of the chats in IndexedDB. Here the copy and
// its cursor are in memory, side by side: after a reload both come anew.
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

/** What was written but not sent outlives a reload, too. It is of one session: the next user must not send it. */
export const windowOutbox = (sessionId: string): OutboxKeeper => ({
  load: () => load<Pending[]>(`outbox ${sessionId}`) ?? [],
  save: (pending) => save(`outbox ${sessionId}`, pending),
})

const claimWithinMs = 3_000

/**
 * Whether this window has its session for itself. A window that was duplicated has a copy of the other's storage; if
 * both refreshed those tokens, the server would take one for a thief. The lock goes with the window.
 */
export function claim({ sessionId }: Tokens): Promise<boolean> {
  return new Promise((resolve) => {
    const forever = () => {
      resolve(true)
      return new Promise<void>(() => {})
    }
    // The page before a reload may hold it for a moment.
    const signal = AbortSignal.timeout(claimWithinMs)
    navigator.locks.request(`session ${sessionId}`, { signal }, forever).catch(() => resolve(false))
  })
}
