/** What is open: a chat, and in it the message that a search led to. */
export interface Place {
  chatId: string
  messageId?: string
}
