// Which messages are in the page: those around what is seen, and those that must not go, such as the one with the focus.
// Gaps stand for the others, as high as they were when they were last measured, or as they are estimated to be. Whenever
// that turns out to be wrong, what is seen stays where it is.
import type { Message } from '../typescript/schema'

/** How far the page reaches beyond what is seen, and how far it must at least. */
const beyondPx = 1_200
const beyondLeastPx = 500

/** A message in the page, or a gap. */
export type LogRow = { index: number } | { gapPx: number }

/** Only for messages that have never been in the page. */
const estimated = ({ text, attachments }: Message) =>
  44 + 22 * Math.floor(text.length / 60) + 22 * (text.split('\n').length - 1) + 200 * attachments.length

export class LogWindow {
  frame: HTMLElement | null = null
  content: HTMLElement | null = null
  /** Whether the reader is at the end, and is to stay there. */
  isAtEnd = true
  readonly #heights = new Map<string, number>()
  #messages: Message[] = []
  /** Where each message begins and, at the end, where the last one ends. */
  #tops = [0]
  #anchor: { id: string; top: number } | undefined
  #range = { start: 0, end: 0 }

  /** Chooses what is in the page from now on: what is seen, and what is `kept`. */
  rowsOf(messages: Message[], kept: (string | undefined)[]): LogRow[] {
    this.#keepAnchor()
    this.#place(messages)
    this.#range = this.#around(beyondPx)
    const shown = messages.flatMap(({ id }, index) => (this.#isInRange(index) || kept.includes(id) ? [index] : []))
    const rows: LogRow[] = []
    let end = 0
    for (const index of shown) {
      // The first row is a gap in any case, from which the first message is measured.
      if (index > end || index === shown[0]) rows.push({ gapPx: this.#topOf(index) - this.#topOf(end) })
      rows.push({ index })
      end = index + 1
    }
    if (end < messages.length) rows.push({ gapPx: this.#topOf(messages.length) - this.#topOf(end) })
    return rows
  }

  /** After something in the log has changed its size. */
  resized() {
    this.#keepAnchor()
    this.settle()
  }

  /** After a render: measures what is in the page, and puts back what is seen. */
  settle() {
    if (!this.frame || this.frame.clientHeight === 0) return
    this.#measure()
    const shift = this.#shift()
    if (this.isAtEnd) this.toEnd()
    // Not for less than what can be seen: it would end a smooth scroll.
    else if (Math.abs(shift) >= 1) this.frame.scrollTop += shift
    this.#anchor = undefined
  }

  toStart() {
    this.frame?.scrollTo({ top: 0 })
  }

  toEnd() {
    this.isAtEnd = true
    this.frame?.scrollTo({ top: this.frame.scrollHeight })
  }

  /** Whether the page still reaches far enough. */
  isEnough() {
    const { start, end } = this.#around(beyondLeastPx)
    return start >= this.#range.start && end <= this.#range.end
  }

  #isInRange(index: number) {
    return index >= this.#range.start && index < this.#range.end
  }

  #topOf(index: number) {
    return this.#tops[index] ?? 0
  }

  #seen() {
    const height = this.frame?.clientHeight || innerHeight
    const top = this.isAtEnd
      ? this.#topOf(this.#messages.length) - height
      : (this.frame?.scrollTop ?? 0) + this.#shift()
    return { top, bottom: top + height }
  }

  /** The first message that ends below there. */
  #indexAt(px: number) {
    let [low, high] = [0, this.#messages.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#topOf(middle + 1) > px) high = middle
      else low = middle + 1
    }
    return low
  }

  #around(px: number) {
    const { top, bottom } = this.#seen()
    return { start: this.#indexAt(top - px), end: Math.min(this.#indexAt(bottom + px) + 1, this.#messages.length) }
  }

  #place(messages: Message[]) {
    let top = 0
    this.#messages = messages
    this.#tops = [0]
    for (const message of messages) {
      top += this.#heights.get(message.id) ?? estimated(message)
      this.#tops.push(top)
    }
  }

  /** The first message seen whose height is known; not the first of all, which loses its day when older ones come. */
  #keepAnchor() {
    this.#anchor = undefined
    const { top, bottom } = this.#seen()
    for (let index = Math.max(this.#indexAt(top), 1); this.#topOf(index) < bottom; index++) {
      const message = this.#messages[index]
      if (!message) return
      if (!this.#heights.has(message.id)) continue
      this.#anchor = { id: message.id, top: this.#topOf(index) }
      return
    }
  }

  /** How far the anchor has moved. */
  #shift() {
    if (!this.#anchor) return 0
    const { id, top } = this.#anchor
    const index = this.#messages.findIndex((message) => message.id === id)
    return index < 0 ? 0 : this.#topOf(index) - top
  }

  /** From the end of the row before it, so that margins and the day above it count. */
  #measure() {
    let end = 0
    for (const row of this.content?.children ?? []) {
      if (!row.matches('article[id], .gap')) continue
      const { bottom } = row.getBoundingClientRect()
      if (row.id) this.#heights.set(row.id, bottom - end)
      end = bottom
    }
    this.#place(this.#messages)
  }
}
