import type { Context } from 'hono'
import type { Outcome } from '../../objects/durable/outcome'
import type { Mailbox } from '../../objects/mailbox'
import type { Caller } from '../../objects/mailbox/context'
import { problem, problems } from '../core/errors'
import type { FileLink } from '../core/profile'
import { mayRepeat } from '../core/transient'
import { readConfig } from '../settings/config'
import { fileLinks } from '../settings/file-links'
import type { SessionEnv } from './app-env'

/** The methods of a mailbox as they look from outside: each answers with a promise of plain data. */
export type MailboxStub = {
  [Method in keyof Mailbox]: Mailbox[Method] extends (...input: infer Input) => infer Output
    ? (...input: Input) => Promise<Awaited<Output>>
    : never
}

// The platform's own type of a stub adds disposal to every result, and breaks unions of them apart.
export const mailboxOf = (env: Env, userId: string) => env.MAILBOX.getByName(userId) as unknown as MailboxStub

const attempts = 3

/** Calls a user's mailbox, again with a new stub after a passing fault: every call of a mailbox may be repeated. */
export async function callMailbox<T>(env: Env, userId: string, call: (mailbox: MailboxStub) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(mailboxOf(env, userId))
    } catch (error) {
      if (attempt >= attempts || !mayRepeat(error)) throw error
    }
  }
}

/** The value of an outcome; throws the problem of a refusal. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value
  const { ok: _, code, ...options } = outcome
  throw problem(code, { ...(options.errors && { detail: `${problems[code].title}.` }), ...options })
}

/** Who calls, and on whose behalf the mailbox is asked. */
export function callerOf(c: Context<SessionEnv>): { userId: string; caller: Caller } {
  const { userId, sessionId } = c.get('session')
  return { userId, caller: { sessionId, origin: new URL(c.req.url).origin } }
}

/** Calls the caller's own mailbox, which refuses in the same call when the session has ended. */
export async function asCaller<T>(
  c: Context<SessionEnv>,
  call: (mailbox: MailboxStub, caller: Caller) => Promise<Outcome<T>>,
): Promise<T> {
  const { userId, caller } = callerOf(c)
  return unwrap(await callMailbox(c.env, userId, (mailbox) => call(mailbox, caller)))
}

/** Signed links that begin with the origin of this request. */
export const linksFor = (c: { env: Env; req: { url: string } }): FileLink =>
  fileLinks(readConfig(c.env), new URL(c.req.url).origin, Date.now())

/** Refuses a caller whose session has ended; for routes whose work does not reach the mailbox. */
export const guard = (c: Context<SessionEnv>) => asCaller(c, (mailbox, caller) => mailbox.checkSession(caller))
