import { z } from '@hono/zod-openapi'
import { RemovedMessage } from './changes'
import { Chat } from './chat'
import { GroupMember, groupChangeFields } from './group'
import { Message } from './message'

const lists = {
  messages: z.array(Message).openapi({ description: 'New and changed messages, each in its current state.' }),
  removed: z.array(RemovedMessage).openapi({ description: 'Messages to remove.' }),
}

export const GroupChanges = z
  .object({
    ...groupChangeFields,
    ...lists,
    chat: Chat.openapi({ description: 'The chat as it is now.' }),
  })
  .openapi('GroupChanges', {
    description: 'What changed in a group after a cursor, as state: apply the changes within a page in any order.',
  })
export type GroupChanges = z.infer<typeof GroupChanges>

export const GroupChangeSet = z
  .object({
    ...lists,
    members: z.array(GroupMember).openapi({ description: 'Members who are new, have changed, or have left.' }),
  })
  .openapi('GroupChangeSet', { description: 'What changed in a group, as state.' })
