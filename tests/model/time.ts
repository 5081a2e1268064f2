/**
 * When a call took place, in ticks of the test: somewhere between its first attempt and its answer. Calls that overlap
 * may have happened in either order, and the model allows both.
 */
export interface Span {
  from: number
  /** Infinity while the call is in flight. */
  to: number
}

let tick = 0

export const begin = (): Span => ({ from: ++tick, to: Number.POSITIVE_INFINITY })

export const end = (span: Span) => {
  span.to = ++tick
}

/** A span that lies before all others. */
export const always: Span = { from: 0, to: 0 }

export const isBefore = (a: Span, b: Span) => a.to < b.from
export const mayBeBefore = (a: Span, b: Span) => a.from < b.to

/** Something that holds from one call until another one ends it. */
export interface Interval {
  started: Span
  ended: Span | null
}

/** Whether it held for the whole span. */
export const surelyHolds = ({ started, ended }: Interval, span: Span) =>
  isBefore(started, span) && (ended === null || isBefore(span, ended))

/** Whether it may have held at some moment of the span. */
export const mayHold = ({ started, ended }: Interval, span: Span) =>
  mayBeBefore(started, span) && (ended === null || mayBeBefore(span, ended))
