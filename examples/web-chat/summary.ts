import type { Message } from '../typescript/schema'
import { isPicture } from './file-types'

/** A message in one line. */
export function summaryOf(message: Message) {
  if (message.deletedAt !== null) return 'Deleted message'
  if (message.text !== '') return message.text
  const [first, ...others] = message.attachments
  if (!first) return ''
  const what = isPicture(first.contentType) ? 'Photo' : first.name
  return others.length === 0 ? what : `${what} and ${others.length} more`
}
