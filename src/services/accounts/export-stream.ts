import type { AccountExport } from '../../../schemas/account-export'
import { events } from '../../core/events'

/** A page of a section of the export. */
export interface ExportedPage {
  items: object[]
  /** Where the next page begins; null at the end. */
  next: string | null
}

export type ReadPage = (after: string | null) => Promise<ExportedPage>

/** What the export begins with, read before the answer. */
export type ExportHead = Pick<AccountExport, 'exportedAt' | 'profile' | 'sessions'>

/** What is read page by page, in the order of the document. */
export type ExportSections = Record<Exclude<keyof AccountExport, keyof ExportHead>, ReadPage>

/** The pages of a section that hold anything, as JSON without brackets; the next is asked for when the last was taken. */
async function* pagesOf(read: ReadPage) {
  let after: string | null = null
  do {
    const { items, next }: ExportedPage = await read(after)
    if (items.length > 0) yield JSON.stringify(items).slice(1, -1)
    after = next
  } while (after !== null)
}

async function* textOf(head: ExportHead, sections: ExportSections) {
  yield JSON.stringify(head).slice(0, -1)
  for (const [section, read] of Object.entries(sections)) {
    yield `,"${section}":[`
    let separator = ''
    for await (const page of pagesOf(read)) {
      yield separator + page
      separator = ','
    }
    yield ']'
  }
  yield '}'
}

/** The export as it is read: never more in memory than a page, however much there is. */
export function exportStream(
  head: ExportHead,
  sections: ExportSections,
  requestId: string,
): ReadableStream<Uint8Array> {
  const texts = textOf(head, sections)
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await texts.next().catch((error) => {
          // The status is long sent. What is cut short is no JSON, and so tells the client.
          events.exportFailed({ requestId, error })
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
