import type { Message } from '../typescript/schema'

/** What the composer is about when it is not about a new message of its own. */
export interface Subject {
  kind: 'reply' | 'edit'
  message: Message
}
