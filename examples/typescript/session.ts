import type { Middleware } from 'openapi-fetch'
import { errorOf } from './problem'
import type { paths, Tokens } from './schema'

type Awaitable<T> = T | Promise<T>

/** Where the device keeps its tokens, shared by all tabs. Each refresh replaces them: `save` is through when it returns. */
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
  refresh: (refreshToken: string) => Promise<Refreshed>
  /** The session is over, by whomever: wipe what the device holds of it, and show the sign-in. May be called again. */
  onEnd: () => void
}

/** The session of a signed-in device: its access token for every call, and a fresh one when that is refused. */
export class Session {
  readonly #options: SessionOptions
  #renewal: Promise<string | undefined> | undefined

  constructor(options: SessionOptions) {
    this.#options = options
  }

  async begin(tokens: Tokens) {
    await this.#options.tokens.save(tokens)
  }

  async end() {
    await this.#options.tokens.clear()
    this.#options.onEnd()
  }

  async accessToken(): Promise<string | undefined> {
    return (await this.#options.tokens.load())?.accessToken
  }

  /**
   * Another access token than the one that was refused; undefined when the session is over. Whoever asks meanwhile gets
   * the same. No clock is asked: that of a device may be wrong by hours, and the server's 401 is not.
   */
  renew(refused: string): Promise<string | undefined> {
    this.#renewal ??= this.#exchange(refused).finally(() => {
      this.#renewal = undefined
    })
    return this.#renewal
  }

  async #exchange(refused: string): Promise<string | undefined> {
    const { tokens, refresh, onEnd } = this.#options
    const held = await tokens.load()
    if (!held) {
      onEnd()
      return undefined
    }
    if (held.accessToken !== refused) return held.accessToken // Another tab was faster.
    const { data, error, response } = await refresh(held.refreshToken)
    const isStillHeld = (await tokens.load())?.refreshToken === held.refreshToken
    if (!isStillHeld) return this.accessToken() // Signed out, or refreshed by another tab.
    if (data) {
      await tokens.save(data)
      return data.accessToken
    }
    // refresh_token_invalid, refresh_token_reused, session_ended
    if (response.status !== 401) throw errorOf(error, response)
    await this.end()
    return undefined
  }

  /** Sends with the access token, and once more with a fresh one if that is refused: for uploads, whose body is not copied so. */
  async authorized<Answer extends { status: number }>(send: (accessToken: string) => Promise<Answer>): Promise<Answer> {
    const accessToken = (await this.accessToken()) ?? ''
    const first = await send(accessToken)
    const renewed = first.status === 401 ? await this.renew(accessToken) : undefined
    return renewed === undefined ? first : send(renewed)
  }
}

const withoutToken: ReadonlySet<string> = new Set<keyof paths>([
  '/v1/auth/otp',
  '/v1/auth/otp/verify',
  '/v1/auth/refresh',
  '/v1/network',
  '/healthz',
])

/** Gives every call the access token; one that is refused for it is sent again, once, with a fresh one. */
export function bearer(session: Session): Middleware {
  const sent = new WeakMap<Request, { accessToken: string; copy: Request }>()
  return {
    async onRequest({ request, schemaPath }) {
      if (withoutToken.has(schemaPath)) return
      const accessToken = await session.accessToken()
      if (accessToken === undefined) return
      request.headers.set('Authorization', `Bearer ${accessToken}`)
      // A body can be sent once, so the second time is prepared before the first.
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
