interface Running {
  expireAfter(ms: number): void
  cancel(): void
}

/** Calls that may never be answered: each has a limit of time, which `shorten` lowers for all that are under way. */
export class TimeLimits {
  readonly #running = new Set<Running>()

  /** Resolves or rejects with `call`; rejects, and aborts the signal, after `limitMs`, on `cancel`, or as `shorten` says. */
  run<Result>(limitMs: number, call: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const controller = new AbortController()
      const giveUp = (reason: string) => {
        const error = new Error(reason)
        controller.abort(error)
        reject(error)
      }
      let expiresAt = Number.POSITIVE_INFINITY
      let timer: ReturnType<typeof setTimeout> | undefined
      const running: Running = {
        expireAfter(ms) {
          if (performance.now() + ms >= expiresAt) return
          expiresAt = performance.now() + ms
          clearTimeout(timer)
          timer = setTimeout(() => giveUp('There was no response in time.'), ms)
        },
        cancel: () => giveUp('The call was canceled.'),
      }
      running.expireAfter(limitMs)
      this.#running.add(running)
      call(controller.signal)
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(timer)
          this.#running.delete(running)
        })
    })
  }

  /** Leaves each call that is under way at most `ms`. */
  shorten(ms: number) {
    for (const running of this.#running) running.expireAfter(ms)
  }

  cancel() {
    for (const running of this.#running) running.cancel()
  }
}

/** A `fetch` that rejects if a response, with its body, is not complete within `limitMs(request)`. */
export const withTimeLimit =
  (fetch: (request: Request) => Promise<Response>, limitMs: number) =>
  (request: Request): Promise<Response> =>
    fetch(new Request(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(limitMs)]) }))
