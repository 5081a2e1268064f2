import { idPrefixes } from '../../../src/core/ids'
import { limits } from '../../../src/core/limits'
import { done, type Outcome } from '../../durable/outcome'
import { cutPage } from '../../durable/page'
import type { ExportPage, ExportSection } from '../account/export'
import type { Caller } from '../context'
import type { MailboxStore } from '../store'
import type { GroupClient } from './group-client'
import { toMessage } from './to-wire'

/** Sorts after every id of a message, and after the prefix after every id of a group. */
const end = '~'

/**
 * The part of an export that comes from groups: their chats, and the messages that the owner sees there. Ids of groups sort
 * before those of users, so groups come first. A group that does not answer makes the page fail, and so the export.
 */
export class GroupExports {
  readonly #store: MailboxStore
  readonly #client: GroupClient

  constructor(store: MailboxStore, client: GroupClient) {
    this.#store = store
    this.#client = client
  }

  /** Whether the next page of a section is one of groups. */
  hasPage(section: ExportSection, after: string | null): boolean {
    if (section === 'chats') return this.#groupIds().some((id) => id > (after ?? ''))
    return section === 'messages' && this.#groupIds().some((id) => id >= (after?.split('/')[0] ?? ''))
  }

  page(caller: Caller, section: ExportSection, after: string | null): Promise<Outcome<ExportPage>> {
    return section === 'chats' ? this.#chatsAfter(caller, after ?? '') : this.#messagesAfter(caller, after ?? '')
  }

  async #chatsAfter(caller: Caller, after: string): Promise<Outcome<ExportPage>> {
    const groupIds = this.#groupIds().filter((id) => id > after)
    const asked = groupIds.slice(0, limits.groupChecksAtOnce)
    const chats = await Promise.all(
      asked.map(async (groupId) => {
        const head = await this.#client.ask(caller, groupId, (group, userId) => group.getHead(userId))
        return { groupId, chat: this.#client.chat(caller, groupId, head) }
      }),
    )
    for (const { chat } of chats) if (!chat.ok && chat.code !== 'chat_not_found') return chat
    const known = chats.flatMap(({ groupId, chat }) => (chat.ok ? { groupId, chat: chat.value } : []))
    const page = cutPage(known, {
      limit: limits.groupChecksAtOnce,
      toItem: ({ chat }) => chat,
      placeOf: ({ groupId }) => groupId,
    })
    return done({ items: page.items, next: page.next ?? asked.at(-1) ?? after })
  }

  /** Messages after a place (`groupId/messageId`), of several groups if they have few. */
  async #messagesAfter(caller: Caller, after: string): Promise<Outcome<ExportPage>> {
    const [first = '', messageId = ''] = after.split('/')
    const groupIds = this.#groupIds().filter((id) => id >= first)
    const items: ExportPage['items'] = []
    for (const groupId of groupIds.slice(0, limits.groupChecksAtOnce)) {
      const afterId = groupId === first ? messageId : ''
      const asked = await this.#client.ask(caller, groupId, (group, userId) => group.exportMessages(userId, afterId))
      if (!asked.ok && asked.code !== 'chat_not_found') return asked
      if (!asked.ok) continue
      const wire = this.#client.wire(caller, groupId)
      items.push(...asked.value.items.map((message) => toMessage(wire, message, asked.value.readByAllId)))
      if (asked.value.next !== null) return done({ items, next: `${groupId}/${asked.value.next}` })
      if (items.length > 0) return done({ items, next: `${groupId}/${end}` })
    }
    const last = groupIds[limits.groupChecksAtOnce - 1]
    return done({ items, next: last === undefined ? `${idPrefixes.group}${end}/` : `${last}/${end}` })
  }

  #groupIds(): string[] {
    return this.#store.groups
      .joined()
      .map(({ group_id }) => group_id)
      .sort()
  }
}
