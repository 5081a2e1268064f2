import { z } from '@hono/zod-openapi'
import { BlockChange } from './block'
import { Chat } from './chat'
import { ContactChange } from './contact'
import { ChatId, MessageId } from './ids'
import { Message } from './message'
import { orNull } from './or-null'
import { SessionChange } from './session'
import { Me } from './user'

export const ChangesCursor = z.string().min(1).max(256).openapi({
  description: 'Where the changes go on. Opaque; never too old.',
  example: 'WyIwMUtBVDVRIiw0Ml0',
})

export const RemovedMessage = z
  .object({ chatId: ChatId, messageId: MessageId })
  .openapi('RemovedMessage', { description: 'A message that the caller has deleted for themselves.' })

export const Changes = z
  .object({
    reset: z.boolean().openapi({
      description:
        'True on the first page of a full copy: forget what you hold. It comes without a cursor, and after the mailbox was restored from a backup.',
      example: false,
    }),
    messages: z.array(Message).openapi({ description: 'New and changed messages, each as it is now.' }),
    chats: z.array(Chat).openapi({
      description:
        'New and changed chats, each as it is now. Apply `clearedUpTo`, and the two watermarks to the status of own messages. A chat may come on a later page than its messages.',
    }),
    removed: z.array(RemovedMessage).openapi({ description: 'Messages to drop.' }),
    contacts: z.array(ContactChange).openapi({ description: 'Contacts that were saved, renamed or removed.' }),
    blocks: z.array(BlockChange).openapi({ description: 'Blocks that were put on or lifted.' }),
    sessions: z.array(SessionChange).openapi({
      description:
        'Signed-in devices: those that are new, over, or were seen at another place or hour. One that a client did not hold, other than in a full copy, is a new sign-in to tell the user of.',
    }),
    me: orNull(Me).openapi({ description: 'One’s own profile, when it changed.' }),
    cursor: ChangesCursor,
    hasMore: z.boolean().openapi({ description: 'Whether more waits behind `cursor`.', example: false }),
  })
  .openapi('Changes', { description: 'What changed after a cursor, as state: apply it in any order within the page.' })
export type Changes = z.infer<typeof Changes>
