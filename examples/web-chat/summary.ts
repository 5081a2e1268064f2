import type { Message } from '../typescript/schema'
import { isPicture } from './file-types'
import { saidOfEvent } from './group-events'
import type { People } from './people'

/** A message in one line. */
export function summaryOf(message: Message, people: People) {
  if (message.event !== null) return saidOfEvent(message, people)
  if (message.deletedAt !== null) return 'Deleted message'
  if (message.text !== '') return message.text
  const [first, ...others] = message.attachments
  if (!first) return ''
  const what = isPicture(first.contentType) ? 'Photo' : first.name
  return others.length === 0 ? what : `${what} and ${others.length} more`
}
