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
    exportedAt: Timestamp.openapi({ description: 'When the export started.' }),
    profile: Me,
    sessions: z.array(Session).openapi({ description: 'Your signed-in devices.' }),
    contacts: z.array(Contact).openapi({ description: 'Everyone you have saved.' }),
    blocks: z.array(Block).openapi({ description: 'Everyone you have blocked.' }),
    chats: z
      .array(Chat)
      .openapi({ description: 'All chats, including cleared ones and the groups that you are in, ordered by ID.' }),
    messages: z.array(Message).openapi({
      description:
        'All messages you can see, sent and received, also in the groups that you are in, chat by chat and oldest first, with their reactions and the metadata of their attachments.',
    }),
    files: z
      .array(File)
      .openapi({ description: 'Your files, newest first, with links that are valid for about an hour.' }),
    reports: z.array(Report).openapi({ description: 'Your reports of other users, oldest first.' }),
  })
  .openapi('AccountExport', { description: 'All your data.' })
export type AccountExport = z.infer<typeof AccountExport>
