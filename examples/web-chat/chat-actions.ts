import type { ApiClient } from '../typescript/client'
import { answer } from '../typescript/problem'
import type { ChatSettings, ReportDetails } from '../typescript/schema'
import { orTell, succeeds } from './or-tell'

/** A mute without an end. */
const forever = '9999-12-31T23:59:59.999Z'

/** Actions on a chat and on the user it is with, whose id is the chat's. */
export class ChatActions {
  readonly #http: ApiClient['http']

  constructor({ http }: Pick<ApiClient, 'http'>) {
    this.#http = http
  }

  /** The user's own view of the chat: the peer learns nothing of it. */
  update(chatId: string, body: ChatSettings) {
    return orTell(answer(this.#http.PATCH('/v1/chats/{chatId}', { params: { path: { chatId } }, body })))
  }

  mute(chatId: string, isMuted: boolean) {
    return this.update(chatId, { mutedUntil: isMuted ? forever : null })
  }

  clear(chatId: string) {
    return succeeds(answer(this.#http.DELETE('/v1/chats/{chatId}', { params: { path: { chatId } } })))
  }

  block(userId: string, isBlocked: boolean) {
    const init = { params: { path: { userId } } }
    const path = '/v1/blocks/{userId}'
    return succeeds(isBlocked ? answer(this.#http.PUT(path, init)) : answer(this.#http.DELETE(path, init)))
  }

  /** Clears the chat of a request, after blocking its sender if asked to. Returns whether that succeeded. */
  async decline(chatId: string, isBlocked: boolean): Promise<boolean> {
    return (!isBlocked || (await this.block(chatId, true))) && (await this.clear(chatId))
  }

  /** Tells the app's owner, with messages as evidence. */
  async report(userId: string, body: ReportDetails) {
    await answer(this.#http.POST('/v1/users/{userId}/reports', { params: { path: { userId } }, body }))
  }
}
