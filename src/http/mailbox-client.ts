import type { Outcome } from '../../objects/durable/outcome'
import type { Mailbox } from '../../objects/mailbox'
import type { Caller } from '../../objects/mailbox/context'
import { problem, problems } from '../core/errors'
import { objectCallRetries, retry } from '../core/retry'

export type { Refusal } from '../../objects/durable/outcome'
export type { ExportSection } from '../../objects/mailbox/account/export'
export type { Caller } from '../../objects/mailbox/context'
export type { Connection } from '../../objects/mailbox/realtime/sockets'
export type { IssuedToken } from '../../objects/mailbox/sessions/sessions'
export type { IssuedTicket } from '../../objects/mailbox/sessions/tickets'

/** The methods of a mailbox as a caller outside the object sees them: each returns a promise of plain data. */
export type MailboxStub = {
  [Method in keyof Mailbox]: Mailbox[Method] extends (...input: infer Input) => infer Output
    ? (...input: Input) => Promise<Awaited<Output>>
    : never
}

// The platform's own stub type adds disposal to every result and splits unions of results.
export const mailboxOf = (env: Env, userId: string) => env.MAILBOX.getByName(userId) as unknown as MailboxStub

/**
 * Calls a user's mailbox, and retries with a new stub after a transient failure. Every mailbox method is safe to
 * repeat.
 */
export const callMailbox = <T>(env: Env, userId: string, call: (mailbox: MailboxStub) => Promise<T>): Promise<T> =>
  retry(() => call(mailboxOf(env, userId)), objectCallRetries)

/** Returns the value of an outcome. Throws the refusal as a problem. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value
  const { ok: _, code, ...options } = outcome
  throw problem(code, { ...(options.errors && { detail: `${problems[code].title}.` }), ...options })
}

export type MailboxCall<T> = (mailbox: MailboxStub, caller: Caller) => Promise<Outcome<T>>

/**
 * Calls the mailbox of the user who makes the request, on behalf of their session, and throws refusals as problems. The
 * mailbox itself refuses an ended session, in the same call.
 */
export type OwnMailbox = <T>(call: MailboxCall<T>) => Promise<T>

export const ownMailbox =
  (env: Env, userId: string, caller: Caller): OwnMailbox =>
  async (call) =>
    unwrap(await callMailbox(env, userId, (mailbox) => call(mailbox, caller)))
