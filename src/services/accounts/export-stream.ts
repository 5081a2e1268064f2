import type { AccountExport } from '../../../schemas/account-export'
import { events } from '../../core/events'

/** A page of one section of the export. */
export interface ExportedPage {
  items: object[]
  /** Where the next page begins, or null at the end. */
  next: string | null
}

export type ReadPage = (after: string | null) => Promise<ExportedPage>

/** The beginning of the export, read before the response. */
export type ExportHead = Pick<AccountExport, 'exportedAt' | 'profile' | 'sessions'>

/** The sections that are read page by page, in the order of the exported document. */
export type ExportSections = Record<Exclude<keyof AccountExport, keyof ExportHead>, ReadPage>

/**
 * Yields the pages of a section that are not empty, as JSON without brackets. The next page is requested after the last
 * one was taken.
 */
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

/** Streams the export as it is read: never more than one page in memory, however much there is. */
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
          // The status was sent long ago. A truncated body is not JSON, which tells the client.
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
    // Nothing is read before it is requested: HEAD requests nothing.
    { highWaterMark: 0 },
  )
}
