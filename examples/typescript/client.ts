import createClient, { type Client } from 'openapi-fetch'
import { errorOf } from './problem.js'
import type { OnError } from './report.js'
import type { paths, StoredFile } from './schema.js'
import { bearer, Session, type TokenStore } from './session.js'
import { withTimeLimit } from './time-limits.js'
import { defaultTiming, type Timing } from './timing.js'

/** A slower network than this is as good as none. */
const uploadBytesPerMs = 20

export interface ClientOptions {
  /** `https://api.example.com`, without a path. */
  origin: string
  tokens: TokenStore
  /** The session ended, whoever ended it: wipe its data from the device and show the sign-in. Can be called again. */
  onSignedOut: () => void
  /** Told of what `onSignedOut` throws. By default, as an uncaught error. */
  onError?: OnError | undefined
  fetch?: ((request: Request) => Promise<Response>) | undefined
  timing?: Partial<Timing> | undefined
}

export interface ApiClient {
  /**
   * Every operation of the document, with the access token: `http.GET('/v1/me')`. A call fails if its response is not
   * complete after 30 seconds; for a download that can take longer, give it the option `fetch`.
   */
  http: Client<paths>
  session: Session
  /** Ends the session, and forgets its tokens even without a network. */
  signOut(): Promise<void>
  /** Stores a file that a message can then attach. It may take 30 seconds, and as long as 20 KB/s take for its bytes. */
  upload(file: Blob, name: string): Promise<StoredFile>
}

export function apiClient({
  origin,
  tokens,
  onSignedOut,
  onError,
  timing,
  fetch = (request) => globalThis.fetch(request),
}: ClientOptions): ApiClient {
  const { callMs } = { ...defaultTiming, ...timing }
  const http = createClient<paths>({ baseUrl: origin, fetch: withTimeLimit(fetch, callMs) })
  const session = new Session({
    tokens,
    refresh: (refreshToken, signal) => http.POST('/v1/auth/refresh', { body: { refreshToken }, signal }),
    onEnd: onSignedOut,
    onError,
    timing,
  })
  http.use(bearer(session))

  async function signOut() {
    // Whether or not the call gets through, the device forgets its tokens.
    await http.POST('/v1/auth/logout').catch(() => undefined)
    await session.end()
  }

  async function upload(file: Blob, name: string): Promise<StoredFile> {
    const url = `${origin}/v1/files?${new URLSearchParams({ name })}`
    const send = withTimeLimit(fetch, callMs + Math.ceil(file.size / uploadBytesPerMs))
    const response = await session.authorized((accessToken) => {
      const headers = {
        Authorization: `Bearer ${accessToken}`,
        'Content-Type': file.type || 'application/octet-stream',
      }
      return send(new Request(url, { method: 'POST', headers, body: file }))
    })
    if (!response.ok) throw errorOf(await response.json().catch(() => undefined), response)
    return response.json()
  }

  return { http, session, signOut, upload }
}
