// What the story of the client kit runs in the page: bundled, its exports are the global `kitPage`.
import {
  answer,
  apiClient,
  chatsOf,
  IndexedDbStore,
  type Message,
  type MessengerOptions,
  membersOf,
  messagesOf,
  messenger,
  type Tokens,
} from '../../../examples/typescript/index.ts'

const { origin } = location
const tokens = {
  load: (): Tokens | undefined => JSON.parse(localStorage.getItem('tokens') ?? 'null') ?? undefined,
  save: (fresh: Tokens) => localStorage.setItem('tokens', JSON.stringify(fresh)),
  clear: () => localStorage.removeItem('tokens'),
}
const client = apiClient({ origin, tokens, onSignedOut: () => {} })

export async function requestCode(phoneNumber: string) {
  return answer(client.http.POST('/v1/auth/otp', { body: { phoneNumber } }))
}

export async function signIn(verificationId: string, code: string) {
  const signedIn = await answer(client.http.POST('/v1/auth/otp/verify', { body: { verificationId, code } }))
  await client.session.begin(signedIn.tokens)
}

/** Opens the database of a name, and a messenger on it that is not running yet. */
export async function open(name: string, from?: MessengerOptions['from']) {
  const store = await IndexedDbStore.open(name)
  const resets: boolean[] = []
  const errors: string[] = []
  const chat = messenger({
    client,
    origin,
    store,
    from,
    timing: { retryMs: 50 },
    onFrame: (frame) => frame.type === 'changes' && resets.push(frame.changes.reset),
    onError: (error) => errors.push(String(error)),
  })
  const texts = (chatId: string) => messagesOf(store.state, chatId).map(({ text }: Message) => text)
  return {
    store,
    chat,
    errors,
    resets,
    texts,
    chatIds: () => chatsOf(store.state).map(({ id }) => id),
    members: (groupId: string) => [...membersOf(store.state, groupId).values()].map(({ user }) => user.firstName),
    pending: () => [...store.outbox.values()].map(({ message }) => message.text),
    clear: (chatId: string) => answer(client.http.DELETE('/v1/chats/{chatId}', { params: { path: { chatId } } })),
  }
}

/** Makes a database as the kit did before it knew groups, with one chat and one message to send. */
export async function openOld(name: string, chatId: string): Promise<void> {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => {
    for (const table of ['chats', 'contacts', 'blocks', 'sessions', 'messages', 'removed', 'facts'])
      request.result.createObjectStore(table)
    const { transaction } = request
    transaction?.objectStore('chats').put({ id: chatId, kind: 'direct', lastMessage: { id: 'msg_1' } }, chatId)
    const message = { clientMessageId: 'one', text: 'kept' }
    transaction?.objectStore('facts').put([{ chatId, message }], 'outbox')
  }
  await new Promise((resolve) => {
    request.onsuccess = resolve
  })
  request.result.close()
}

/** The rows of an object store, as they are on the disk. */
export async function rowCount(name: string, table: string): Promise<number> {
  const settle = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  const database = await settle(indexedDB.open(name))
  const count = await settle(database.transaction(table).objectStore(table).count())
  database.close()
  return count
}

export type Opened = Awaited<ReturnType<typeof open>>
