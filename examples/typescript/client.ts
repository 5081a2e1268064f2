import createClient, { type Client } from 'openapi-fetch'
import { errorOf } from './problem'
import type { paths, StoredFile } from './schema'
import { bearer, Session, type TokenStore } from './session'

export interface ClientOptions {
  /** `https://api.example.com`, without a path. */
  origin: string
  tokens: TokenStore
  onSignedOut: () => void
  fetch?: (request: Request) => Promise<Response>
}

export interface ApiClient {
  /** Every operation of the document, with the access token: `http.GET('/v1/me')`. */
  http: Client<paths>
  session: Session
  signOut(): Promise<void>
  /** Stores a file that a message can then attach. */
  upload(file: Blob, name: string): Promise<StoredFile>
}

export function apiClient({
  origin,
  tokens,
  onSignedOut,
  fetch = (request) => globalThis.fetch(request),
}: ClientOptions): ApiClient {
  const http = createClient<paths>({ baseUrl: origin, fetch })
  const session = new Session({
    tokens,
    refresh: (refreshToken) => http.POST('/v1/auth/refresh', { body: { refreshToken } }),
    onEnd: onSignedOut,
  })
  http.use(bearer(session))

  async function signOut() {
    // Whether or not the call gets through, the device forgets its tokens.
    await http.POST('/v1/auth/logout').catch(() => undefined)
    await session.end()
  }

  async function upload(file: Blob, name: string): Promise<StoredFile> {
    const url = `${origin}/v1/files?${new URLSearchParams({ name })}`
    const response = await session.authorized((accessToken) => {
      const headers = {
        Authorization: `Bearer ${accessToken}`,
        'Content-Type': file.type || 'application/octet-stream',
      }
      return fetch(new Request(url, { method: 'POST', headers, body: file }))
    })
    if (!response.ok) throw errorOf(await response.json().catch(() => undefined), response)
    return response.json()
  }

  return { http, session, signOut, upload }
}
