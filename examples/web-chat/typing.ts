import { isGroup } from '../typescript/state'
import type { Account } from './account'

/** Who is typing in a chat, in words; an empty text if nobody is. */
export function saidOfTyping(account: Account, chatId: string): string {
  const userIds = account.typingIn(chatId)
  if (userIds.length === 0) return ''
  if (!isGroup(chatId)) return 'typing…'
  return `${account.people.list(userIds)} ${userIds.length === 1 ? 'is' : 'are'} typing…`
}
