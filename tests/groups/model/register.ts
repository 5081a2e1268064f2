import { isBefore, mayBeBefore, type Span } from '../../model/time'

interface Write<T> {
  value: T
  span: Span
  /** Whether the call was acknowledged. One that was not may have been carried out, or not. */
  isSure: boolean
}

/** A value that calls set, each at some moment of its span: calls that overlap may have come in either order. */
export class Register<T> {
  readonly #writes: Write<T>[] = []

  write(value: T, span: Span, isSure: boolean) {
    this.#writes.push({ value, span, isSure })
  }

  /** Whether a call has surely set it. */
  get isSet(): boolean {
    return this.#writes.some(({ isSure }) => isSure)
  }

  /** The values that it can have once all calls are over. */
  possible(): T[] {
    return this.#writes.filter((one) => !this.#isOverwritten(one)).map(({ value }) => value)
  }

  /** Whether it surely has this value throughout a span. */
  surelyIs(value: T, span: Span): boolean {
    const set = this.#writes.filter((one) => one.isSure && one.value === value && isBefore(one.span, span))
    return set.some((one) => !this.#mayChangeAfter(one, span))
  }

  /** Whether it may have been set to this value at or after a span. */
  mayBecomeSince(value: T, since: Span): boolean {
    return this.#writes.some((one) => one.value === value && !isBefore(one.span, since))
  }

  #mayChangeAfter(set: Write<T>, until: Span): boolean {
    return this.#writes.some(
      (one) => one.value !== set.value && !isBefore(one.span, set.span) && mayBeBefore(one.span, until),
    )
  }

  #isOverwritten(one: Write<T>): boolean {
    return this.#writes.some((other) => other.isSure && isBefore(one.span, other.span))
  }
}
