import type { ApiClient } from '../typescript/client'
import { answer } from '../typescript/problem'
import type { Message, Session, StoredFile } from '../typescript/schema'
import { orTell } from './or-tell'

const pathOf = ({ chatId, id: messageId }: Message) => ({ chatId, messageId })

/** Actions on existing messages and files, and on the account. */
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

  endSession({ id: sessionId }: Session) {
    return orTell(answer(this.#http.DELETE('/v1/sessions/{sessionId}', { params: { path: { sessionId } } })))
  }

  /** For a file that was uploaded but not sent: it would take up storage for nothing. */
  discardFile({ id: fileId }: StoredFile) {
    return this.#http.DELETE('/v1/files/{fileId}', { params: { path: { fileId } } }).catch(() => undefined)
  }

  /** Everything the account holds, as a file to save. */
  async export() {
    const blob = await answer(this.#http.GET('/v1/me/export', { parseAs: 'blob' }))
    // It is complete only if it parses.
    JSON.parse(await blob.text())
    return blob
  }

  /** For good. Every session of the account ends. */
  async deleteAccount() {
    await answer(this.#http.DELETE('/v1/me'))
  }

  async rename(firstName: string, lastName: string) {
    await answer(this.#http.PATCH('/v1/me', { body: { firstName, lastName: lastName || null } }))
  }
}
