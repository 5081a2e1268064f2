import type { SizedChanges } from './client.ts'

const kinds = ['messages', 'chats', 'removed', 'contacts', 'blocks', 'sessions'] as const

/** Statistics on the pages that a client receives from a cursor on. */
export class PageStats {
  pages = 0
  rows = 0
  bytes = 0
  bytesMax = 0
  rowsMax = 0
  /** Messages that arrived again without a change. */
  readonly repeated: string[] = []
  /** Pages that did not make progress. */
  readonly stuck: string[] = []
  readonly #seen = new Map<string, string>()
  #cursor: string | undefined

  constructor(cursor: string | undefined) {
    this.#cursor = cursor
  }

  note({ changes, bytes }: SizedChanges) {
    const rows = kinds.reduce((sum, kind) => sum + changes[kind].length, 0)
    this.pages++
    this.rows += rows
    this.bytes += bytes
    this.bytesMax = Math.max(this.bytesMax, bytes)
    this.rowsMax = Math.max(this.rowsMax, rows)
    for (const message of changes.messages) {
      const now = JSON.stringify(message)
      if (this.#seen.get(message.id) === now) this.repeated.push(message.id)
      this.#seen.set(message.id, now)
    }
    if (changes.hasMore && changes.cursor === this.#cursor) this.stuck.push(changes.cursor)
    if (changes.reset) this.stuck.push('a page started from scratch')
    this.#cursor = changes.cursor
  }
}
