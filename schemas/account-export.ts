import { z } from '@hono/zod-openapi'
import { Block } from './block'
import { Chat } from './chat'
import { Contact } from './contact'
import { File } from './file'
import { Timestamp } from './ids'
import { Message } from './message'
import { Report } from './report'
import { Session } from './session'
import { Me } from './user'

export const AccountExport = z
  .object({
    exportedAt: Timestamp.openapi({ description: 'When it was begun.' }),
    profile: Me,
    sessions: z.array(Session).openapi({ description: 'The signed-in devices.' }),
    contacts: z.array(Contact).openapi({ description: 'Everybody whom the user has saved.' }),
    blocks: z.array(Block).openapi({ description: 'Everybody whom the user has blocked.' }),
    chats: z.array(Chat).openapi({ description: 'All chats, those that were cleared included, by id.' }),
    messages: z.array(Message).openapi({
      description:
        'All messages that the user can see, sent and received, chat by chat and oldest first: with their reactions, and the facts of their attachments.',
    }),
    files: z
      .array(File)
      .openapi({ description: 'The files of the user, newest first, with links that live for about an hour.' }),
    reports: z.array(Report).openapi({ description: 'What the user has reported of others, oldest first.' }),
  })
  .openapi('AccountExport', { description: 'Everything of one’s own.' })
export type AccountExport = z.infer<typeof AccountExport>
