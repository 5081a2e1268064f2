import type { Context } from 'hono'
import type { Section } from '../../../objects/mailbox/account/export'
import * as reports from '../../../repositories/reports'
import type { AccountExport } from '../../../schemas/account-export'
import { limits } from '../../core/limits'
import { errorFields, log } from '../../core/log'
import type { SessionEnv } from '../../http/app-env'
import { asCaller } from '../../http/mailbox-client'

interface Page {
  items: object[]
  /** Where the next page begins; null at the end. */
  next: string | null
}

type ReadPage = (c: Context<SessionEnv>, after: string | null) => Promise<Page>

const inMailbox =
  (section: Section): ReadPage =>
  (c, after) =>
    asCaller(c, (mailbox, caller) => mailbox.exportPage(caller, section, after))

type Head = Pick<AccountExport, 'exportedAt' | 'profile' | 'sessions'>

/** What is read page by page, in the order of the document. */
const sections: Record<Exclude<keyof AccountExport, keyof Head>, ReadPage> = {
  contacts: inMailbox('contacts'),
  blocks: inMailbox('blocks'),
  chats: inMailbox('chats'),
  messages: inMailbox('messages'),
  files: inMailbox('files'),
  reports: (c, after) => reports.listBy(c.env.DB, c.get('session').userId, after, limits.pageMax),
}

/** The pages of a section that hold anything, as JSON without brackets; the next is asked for when the last was taken. */
async function* pagesOf(c: Context<SessionEnv>, read: ReadPage) {
  let after: string | null = null
  do {
    const { items, next }: Page = await read(c, after)
    if (items.length > 0) yield JSON.stringify(items).slice(1, -1)
    after = next
  } while (after !== null)
}

async function* textOf(c: Context<SessionEnv>, head: Head) {
  yield JSON.stringify(head).slice(0, -1)
  for (const [section, read] of Object.entries(sections)) {
    yield `,"${section}":[`
    let separator = ''
    for await (const page of pagesOf(c, read)) {
      yield separator + page
      separator = ','
    }
    yield ']'
  }
  yield '}'
}

/** The export as it is read: never more in memory than a page, however much there is. */
export function exportStream(c: Context<SessionEnv>, head: Head): ReadableStream<Uint8Array> {
  const texts = textOf(c, head)
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await texts.next().catch((error) => {
          // The status is long sent. What is cut short is no JSON, and so tells the client.
          log('error', 'export_failed', { requestId: c.get('requestId'), ...errorFields(error) })
          throw error
        })
        if (next.done) controller.close()
        else controller.enqueue(encoder.encode(next.value))
      },
      cancel: async () => {
        await texts.return()
      },
    },
    // Nothing is read before it is asked for: HEAD asks for nothing.
    { highWaterMark: 0 },
  )
}
