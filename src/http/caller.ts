import type { Context } from 'hono'
import type { FileLink } from '../core/file-metadata'
import type { SessionClaims } from '../settings/access-tokens'
import { readConfig } from '../settings/config'
import { avatarLinks, fileLinks, groupFileLinks } from '../settings/file-links'
import type { AppEnv, SessionEnv } from './app-env'
import { type Caller, callMailbox, type MailboxCall, type OwnMailbox, ownMailbox, unwrap } from './mailbox-client'
import { bearerSession } from './session-guard'

/** The signed-in user of a request, and the session and origin on whose behalf their mailbox is called. */
export const callerOf = (c: Context<SessionEnv>) => callerIn(c.req.url, c.get('session'))

/** The origin of a request's URL, which the platform has normalized. */
const originOf = (requestUrl: string) => requestUrl.slice(0, requestUrl.indexOf('/', 'https://'.length))

export const callerIn = (requestUrl: string, { userId, sessionId, step }: SessionClaims) => ({
  userId,
  caller: { sessionId, step, origin: originOf(requestUrl) } satisfies Caller,
})

/** The caller's own mailbox, for a service that calls it several times. */
export function ownMailboxOf(c: Context<SessionEnv>): OwnMailbox {
  const { userId, caller } = callerOf(c)
  return ownMailbox(c.env, userId, caller)
}

/** Calls the caller's own mailbox once. Throws `session_ended` if the session has ended. */
export const asCaller = <T>(c: Context<SessionEnv>, call: MailboxCall<T>): Promise<T> => ownMailboxOf(c)(call)

/**
 * Calls the caller's own mailbox for something that is already so once their session has ended. Returns null in that case,
 * so that a client that lost the response can repeat the call.
 */
export async function asCallerUnlessEnded<T>(c: Context<SessionEnv>, call: MailboxCall<T>): Promise<T | null> {
  const { userId, caller } = callerOf(c)
  const outcome = await callMailbox(c.env, userId, (mailbox) => call(mailbox, caller))
  return !outcome.ok && outcome.code === 'session_ended' ? null : unwrap(outcome)
}

/** Throws `session_ended` if the caller's session has ended. For operations whose work does not reach the mailbox. */
export const requireLiveSession = (c: Context<SessionEnv>) =>
  asCaller(c, (mailbox, caller) => mailbox.checkSession(caller))

/** Returns the live session of a request's access token, for operations that need one only for part of their work. */
export async function authenticate(c: Context<AppEnv>): Promise<SessionClaims> {
  const session = await bearerSession(c)
  c.set('session', session)
  const { userId, caller } = callerIn(c.req.url, session)
  await ownMailbox(c.env, userId, caller)((mailbox) => mailbox.checkSession(caller))
  return session
}

interface Requested {
  env: Env
  req: { url: string }
}

/** Signed links to profile pictures, which begin with the origin of this request. */
export const avatarLinksFor = (c: Requested): FileLink =>
  avatarLinks(readConfig(c.env), originOf(c.req.url), Date.now())

/** Signed links to files for one reader, or to files of one group. */
export function fileLinksFor(c: Requested, readerId: string, chatId?: string): FileLink {
  const [config, origin, now] = [readConfig(c.env), originOf(c.req.url), Date.now()]
  return chatId === undefined
    ? fileLinks(config, origin, now, readerId)
    : groupFileLinks(config, origin, now, { readerId, chatId })
}
