import type { ApiClient } from '../typescript/client'
import { answer } from '../typescript/problem'
import type { Message, Session, StoredFile } from '../typescript/schema'
import { saidBy } from './problems'
import { toasts } from './toasts'

/** The effect arrives as a change; an error is shown in a toast. */
function orTell<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((error) => {
    toasts.show(saidBy(error))
    return undefined
  })
}

const pathOf = ({ chatId, id: messageId }: Message) => ({ chatId, messageId })

/** Actions on existing messages and files. */
export class Actions {
  readonly #http: ApiClient['http']

  constructor({ http }: Pick<ApiClient, 'http'>) {
    this.#http = http
  }

  edit(message: Message, text: string) {
    const init = { params: { path: pathOf(message) }, body: { text } }
    return orTell(answer(this.#http.PATCH('/v1/chats/{chatId}/messages/{messageId}', init)))
  }

  remove(message: Message, scope: 'me' | 'everyone') {
    const init = { params: { path: pathOf(message), query: { scope } } }
    return orTell(answer(this.#http.DELETE('/v1/chats/{chatId}/messages/{messageId}', init)))
  }

  react(message: Message, emoji: string, isOn: boolean) {
    const init = { params: { path: { ...pathOf(message), emoji } } }
    const path = '/v1/chats/{chatId}/messages/{messageId}/reactions/{emoji}'
    return orTell(isOn ? answer(this.#http.PUT(path, init)) : answer(this.#http.DELETE(path, init)))
  }

  /** Fetches the message again, with links that work for another hour. */
  fresh(message: Message) {
    const init = { params: { path: pathOf(message) } }
    return orTell(answer(this.#http.GET('/v1/chats/{chatId}/messages/{messageId}', init)))
  }

  /** The first page that has anything: pages can be empty although more follow. */
  async search(words: string) {
    const page = (cursor?: string) => {
      const query = { q: words, ...(cursor !== undefined && { cursor }) }
      return answer(this.#http.GET('/v1/messages/search', { params: { query } }))
    }
    let found = await page()
    while (found.items.length === 0 && found.nextCursor !== null) found = await page(found.nextCursor)
    return found
  }

  accept(chatId: string) {
    return orTell(
      answer(this.#http.PATCH('/v1/chats/{chatId}', { params: { path: { chatId } }, body: { accepted: true } })),
    )
  }

  /** Clears the chat of a request, after blocking its sender if asked to. Returns whether that succeeded. */
  async decline(chatId: string, isBlocked: boolean): Promise<boolean> {
    const decline = async () => {
      if (isBlocked) await answer(this.#http.PUT('/v1/blocks/{userId}', { params: { path: { userId: chatId } } }))
      await answer(this.#http.DELETE('/v1/chats/{chatId}', { params: { path: { chatId } } }))
      return true
    }
    return (await orTell(decline())) ?? false
  }

  endSession({ id: sessionId }: Session) {
    return orTell(answer(this.#http.DELETE('/v1/sessions/{sessionId}', { params: { path: { sessionId } } })))
  }

  /** For a picture that was uploaded but not sent: it would take up storage for nothing. */
  discardFile({ id: fileId }: StoredFile) {
    return this.#http.DELETE('/v1/files/{fileId}', { params: { path: { fileId } } }).catch(() => undefined)
  }

  async rename(firstName: string, lastName: string) {
    await answer(this.#http.PATCH('/v1/me', { body: { firstName, lastName: lastName || null } }))
  }
}
