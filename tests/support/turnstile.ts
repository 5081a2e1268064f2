// The fake Turnstile as tests see it: how to reach it, and what its widget would give a person.
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** The origin of the fake. */
    turnstileUrl: string
  }
}

export const turnstileHostname = 'app.example'
export const turnstileSecret = 'the secret of the fake widget'

/** Tokens, by how the fake treats them; for a person's tokens, their prefix. */
export const turnstileTokens = {
  person: 'person.',
  broken: 'broken.token',
  garbled: 'garbled.token',
  redirected: 'redirected.token',
} as const

/** The settings with which the worker asks for a token. */
export const turnstileSettings = () => ({
  TURNSTILE_SECRET: turnstileSecret,
  TURNSTILE_BASE_URL: inject('turnstileUrl'),
  TURNSTILE_HOSTNAMES: `www.example, ${turnstileHostname}`,
})

/** A token of a person, valid once; made by our widget unless told otherwise. */
export const newToken = (widget = '') => `${turnstileTokens.person}${widget}${crypto.randomUUID()}`

/** What the fake was asked, oldest first. */
export async function turnstileRequests(token: string): Promise<Record<string, string>[]> {
  const response = await fetch(`${inject('turnstileUrl')}/_test/requests`)
  const requests: Record<string, string>[] = await response.json()
  return requests.filter((form) => form['response'] === token)
}
