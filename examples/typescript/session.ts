import type { Middleware } from 'openapi-fetch'
import { errorOf, isSessionOver } from './problem.js'
import { guarded, type OnError } from './report.js'
import type { paths, Tokens } from './schema.js'
import { TimeLimits } from './time-limits.js'
import { defaultTiming, type Timing } from './timing.js'

type Awaitable<T> = T | Promise<T>

/** Where the device keeps its tokens, shared by all tabs. Each refresh replaces them; `save` is complete on return. */
export interface TokenStore {
  load(): Awaitable<Tokens | undefined>
  save(tokens: Tokens): Awaitable<void>
  clear(): Awaitable<void>
}

export interface Refreshed {
  data?: Tokens
  error?: unknown
  response: Response
}

export interface SessionOptions {
  tokens: TokenStore
  refresh: (refreshToken: string, signal: AbortSignal) => Promise<Refreshed>
  /** The session ended, whoever ended it: wipe its data from the device and show the sign-in. Can be called again. */
  onEnd: () => void
  /** Told of what `onEnd` throws. */
  onError?: OnError | undefined
  timing?: Partial<Timing> | undefined
}

/** The session of a signed-in device: supplies every call with an access token, and a fresh one if that is refused. */
export class Session {
  readonly #options: SessionOptions
  readonly #timing: Timing
  readonly #onEnd: () => void
  readonly #limits = new TimeLimits()
  #renewal: Promise<string | undefined> | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    this.#timing = { ...defaultTiming, ...options.timing }
    this.#onEnd = guarded(options.onEnd, options.onError)
  }

  /** Keeps the tokens of a sign-in: from now on, every call has an access token. */
  async begin(tokens: Tokens) {
    await this.#options.tokens.save(tokens)
  }

  /** Forgets the tokens, and calls `onEnd`. */
  async end() {
    await this.#options.tokens.clear()
    this.#onEnd()
  }

  /** Gives up within 3 seconds a refresh that does not answer: the calls that wait for it fail, and can be repeated. */
  wake() {
    this.#limits.shorten(this.#timing.wakeMs)
  }

  async accessToken(): Promise<string | undefined> {
    return (await this.#options.tokens.load())?.accessToken
  }

  /**
   * An access token other than the refused one; undefined when the session has ended. Concurrent callers get the same
   * token. Expiry is not computed: a device's clock can be wrong by hours, but the server's 401 is never wrong.
   */
  renew(refused: string): Promise<string | undefined> {
    this.#renewal ??= this.#exchange(refused).finally(() => {
      this.#renewal = undefined
    })
    return this.#renewal
  }

  async #exchange(refused: string): Promise<string | undefined> {
    const { tokens, refresh } = this.#options
    const held = await tokens.load()
    if (!held) {
      this.#onEnd()
      return undefined
    }
    if (held.accessToken !== refused) return held.accessToken // Another tab was faster.
    const { data, error, response } = await this.#limits.run(this.#timing.callMs, (signal) =>
      refresh(held.refreshToken, signal),
    )
    const isStillHeld = (await tokens.load())?.refreshToken === held.refreshToken
    if (!isStillHeld) return this.accessToken() // Signed out, or refreshed by another tab.
    if (isTokens(data)) {
      await tokens.save(data)
      return data.accessToken
    }
    const failure = errorOf(error, response)
    // refresh_token_invalid, refresh_token_reused, session_ended
    if (!isSessionOver(failure)) throw failure
    await this.end()
    return undefined
  }

  /** Sends with the access token, and again with a fresh one on a 401. For uploads: it does not copy the body. */
  async authorized<Answer extends { status: number }>(send: (accessToken: string) => Promise<Answer>): Promise<Answer> {
    const accessToken = (await this.accessToken()) ?? ''
    const first = await send(accessToken)
    const renewed = first.status === 401 ? await this.renew(accessToken) : undefined
    return renewed === undefined ? first : send(renewed)
  }
}

/** What a proxy answers in the server's place must not replace the tokens. */
const isTokens = (data: Tokens | undefined): data is Tokens =>
  typeof data?.refreshToken === 'string' && typeof data.accessToken === 'string'

const withoutToken: ReadonlySet<string> = new Set<keyof paths>([
  '/v1/auth/otp',
  '/v1/auth/otp/verify',
  '/v1/auth/refresh',
  '/v1/network',
  '/healthz',
])

/** Adds the access token to every call, and repeats a call that gets a 401 once, with a fresh token. */
export function bearer(session: Session): Middleware {
  const sent = new WeakMap<Request, { accessToken: string; copy: Request }>()
  return {
    async onRequest({ request, schemaPath }) {
      if (withoutToken.has(schemaPath)) return
      const accessToken = await session.accessToken()
      if (accessToken === undefined) return
      request.headers.set('Authorization', `Bearer ${accessToken}`)
      // A body can be sent only once, so the copy for the second attempt is made before the first.
      sent.set(request, { accessToken, copy: request.clone() })
    },
    async onResponse({ request, response, options }) {
      const first = sent.get(request)
      if (response.status !== 401 || !first) return
      const renewed = await session.renew(first.accessToken)
      if (renewed === undefined) return
      first.copy.headers.set('Authorization', `Bearer ${renewed}`)
      return options.fetch(first.copy)
    },
  }
}
