import { z } from '@hono/zod-openapi'
import { BlockChange } from './block'
import { Chat } from './chat'
import { ContactChange } from './contact'
import { ChatId, GroupId, MessageId } from './ids'
import { Message } from './message'
import { orNull } from './or-null'
import { SessionChange } from './session'
import { Me } from './user'

export const ChangesCursor = z.string().min(1).max(256).openapi({
  description: 'Where the changes continue. Opaque; never expires.',
  example: 'WyIwMUtBVDVRIiw0Ml0',
})

export const ChangesFrom = z.enum(['now']).openapi('ChangesFrom', {
  description:
    'Where to start if there is no cursor to continue from. `now`: after everything that has happened. The first page is empty, with `reset` and a cursor; load what you show with `listChats` and `listMessages` after you have it.',
})

export const RemovedMessage = z
  .object({ chatId: ChatId, messageId: MessageId })
  .openapi('RemovedMessage', { description: 'A message that you deleted for yourself.' })

export const Changes = z
  .object({
    reset: z.boolean().openapi({
      description:
        'True if the page does not continue from your cursor: discard your local data, but keep the messages you have not sent yet. It is the first page of a full copy or, with `from=now`, an empty page: then load what you show again. This happens if you send no cursor and after the mailbox was restored from a backup.',
      example: false,
    }),
    messages: z.array(Message).openapi({ description: 'New and changed messages, each in its current state.' }),
    chats: z.array(Chat).openapi({
      description:
        'New and changed chats, each in its current state. Apply `clearedUpTo`, and apply the two watermarks to the status of your own messages. A chat can come on a later page than its messages.',
    }),
    left: z.array(GroupId).openapi({
      description: 'Groups that you are no longer in: forget everything you hold of them.',
    }),
    removed: z.array(RemovedMessage).openapi({ description: 'Messages to remove.' }),
    contacts: z.array(ContactChange).openapi({ description: 'Contacts that were saved, renamed, or removed.' }),
    blocks: z.array(BlockChange).openapi({ description: 'Users that were blocked or unblocked.' }),
    sessions: z.array(SessionChange).openapi({
      description:
        'Sessions that are new, have ended, or were last seen at another place or hour. A session that your client does not know yet, except in a full copy, is a new sign-in to tell the user about.',
    }),
    me: orNull(Me).openapi({ description: 'Your profile, if it changed.' }),
    complete: z.boolean().openapi({
      description:
        'False if a group could not be asked in time what has changed: its chat is as it was known before. Ask again soon.',
      example: true,
    }),
    cursor: ChangesCursor,
    hasMore: z.boolean().openapi({ description: 'Whether there are more changes after `cursor`.', example: false }),
  })
  .openapi('Changes', {
    description: 'What changed after a cursor, as state: apply the changes within a page in any order.',
  })
export type Changes = z.infer<typeof Changes>
