import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Session } from '../../../schemas/session'
import type { Place } from '../../../src/core/edge'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { Caller, CallerContext, MailboxContext } from '../context'
import * as rows from '../tables/sessions'
import { expiresAt, type SessionEnding, type SessionLifetimes, type SessionRow } from '../tables/sessions'

/**
 * Refresh tokens form a chain: secret(n+1) = HMAC-SHA-256(chain key, n+1 and secret(n)). The row holds only the hash of
 * the current secret, so a presented ancestor can be recognized by walking it forward, and nothing stored is a token.
 * The first secret takes both the random chain key and the service's secret: neither alone gives a token.
 */
export interface SignIn {
  sessionId: string
  deviceName: string | null
  platform: string | null
  place: Place
  /**
   * Derives the first secret from the chain key, which is random, so that a repeated sign-in gets the same chain. The
   * alternatives that earlier keys would have given follow it.
   */
  firstSecrets: (chainKey: string) => string[]
}

export interface PresentedToken {
  sessionId: string
  step: number
  secret: string
}

/** The current refresh token of a session. */
export interface IssuedToken {
  sessionId: string
  step: number
  secret: string
  expiresAt: number
}

const hash = (secret: string) => createHash('sha256').update(secret).digest('base64url')

const nextSecret = (chainKey: string, step: number, secret: string) =>
  createHmac('sha256', chainKey).update(`${step}.${secret}`).digest('base64url')

const equal = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

/** The row of a live session. An expired session counts as none. */
function findLive({ sessions, now }: MailboxContext, sessionId: string, lifetimes: SessionLifetimes) {
  const row = sessions.findUnended(sessionId)
  return row && expiresAt(row, lifetimes) > now ? row : undefined
}

export const isLive = (context: MailboxContext, sessionId: string, lifetimes: SessionLifetimes) =>
  findLive(context, sessionId, lifetimes) !== undefined

function issue(row: SessionRow, secret: string, lifetimes: SessionLifetimes): IssuedToken {
  return { sessionId: row.id, step: row.step, secret, expiresAt: expiresAt(row, lifetimes) }
}

function walk(row: SessionRow, from: number, secret: string): string {
  let walked = secret
  for (let step = from + 1; step <= row.step; step++) walked = nextSecret(row.chain_key, step, walked)
  return walked
}

/** Starts a session, or returns the current token of the one that this sign-in has already started. */
export function start(context: MailboxContext, input: SignIn, lifetimes: SessionLifetimes): Outcome<IssuedToken> {
  const known = context.sessions.find(input.sessionId)
  if (known?.ended_at) return refuse('otp_used')
  if (known) return again(known, input.firstSecrets(known.chain_key), lifetimes)
  makeRoom(context)
  const chainKey = randomBytes(32).toString('base64url')
  const [firstSecret = ''] = input.firstSecrets(chainKey)
  const row = context.sessions.insert(context, {
    id: input.sessionId,
    device_name: input.deviceName,
    platform: input.platform,
    ...input.place,
    secret_hash: hash(firstSecret),
    chain_key: chainKey,
  })
  return done(issue(row, firstSecret, lifetimes))
}

/** The current token, from whichever first secret the chain began with. */
function again(row: SessionRow, firstSecrets: string[], lifetimes: SessionLifetimes): Outcome<IssuedToken> {
  const secret = firstSecrets.map((first) => walk(row, 0, first)).find((one) => equal(hash(one), row.secret_hash))
  return secret === undefined ? refuse('otp_used') : done(issue(row, secret, lifetimes))
}

/** Ends the least recently used sessions, so that one more fits. */
function makeRoom(context: MailboxContext) {
  const tooMany = context.sessions.unended().slice(limits.sessionsMax - 1)
  for (const { id } of tooMany) context.sessions.end(context, id, { reason: 'too_many_sessions' })
}

/**
 * Exchanges a refresh token. The current token is replaced. A replaced token returns the current one while nothing that
 * was issued with its successor has been presented, neither the successor nor its access token, however long that takes:
 * the response was lost. For a grace period after that first use it still does, for parallel refreshes. Later, it is
 * reuse: the session ends. Any other token is rejected and has no effect.
 */
export function refresh(
  context: MailboxContext,
  { sessionId, step, secret }: PresentedToken,
  place: Place,
  lifetimes: SessionLifetimes,
): Outcome<IssuedToken> {
  const row = findLive(context, sessionId, lifetimes)
  if (!row || step > row.step || row.step - step > limits.refreshWalkMax) return refuse('refresh_token_invalid')
  const present = walk(row, step, secret)
  if (!equal(hash(present), row.secret_hash)) return refuse('refresh_token_invalid')

  const graceStart = context.now - limits.refreshGraceSeconds * 1000
  if (step < row.step) {
    const usedAt = successorUsedAt(row, step)
    if (usedAt === null || usedAt > graceStart) return done(issue(row, present, lifetimes))
    context.sessions.end(context, sessionId, { reason: 'refresh_token_reused' })
    return refuse('refresh_token_reused')
  }
  const successor = { ...row, step: row.step + 1, last_used_at: context.now }
  const replaced: UsedStep[] = [
    ...usedSteps(row).filter(([former]) => former < step - 1),
    [step - 1, firstUsedAt(row) ?? context.now],
    [step, context.now],
  ]
  const next = nextSecret(row.chain_key, successor.step, present)
  context.sessions.update(sessionId, {
    step: successor.step,
    secret_hash: hash(next),
    last_used_at: context.now,
    tracked_step: successor.step,
    used_at: null,
    recent_steps: JSON.stringify(replaced.filter(([, at]) => at > graceStart).slice(-limits.refreshStepsMax)),
    ...shown(context, row, place),
  })
  return done(issue(successor, next, lifetimes))
}

/**
 * Whether a token is the last one of a session that is live or has expired, or the one before it, whose successor might
 * have been lost in transit. A session that was ended no longer recognizes any token.
 */
export function isLastToken(
  sessions: rows.SessionRows,
  { sessionId, step, secret }: PresentedToken,
  lifetimes: SessionLifetimes,
): boolean {
  const row = sessions.find(sessionId)
  if (!row || rows.isRevoked(row, lifetimes) || step > row.step || step < row.step - 1) return false
  return equal(hash(walk(row, step, secret)), row.secret_hash)
}

/** A replaced step, and when something that was issued with its successor was first presented. */
type UsedStep = [step: number, successorUsedAt: number]

const usedSteps = (row: SessionRow): UsedStep[] => JSON.parse(row.recent_steps)

/** When something that was issued with the current refresh token was first presented; null if nothing was. */
const firstUsedAt = (row: SessionRow): number | null => (row.tracked_step === row.step ? row.used_at : row.last_used_at)

const successorUsedAt = (row: SessionRow, replaced: number): number | null =>
  replaced === row.step - 1
    ? firstUsedAt(row)
    : (usedSteps(row).find(([step]) => step === replaced)?.[1] ?? Number.NEGATIVE_INFINITY)

/** Whether an access token is the first thing presented of what was issued with the current refresh token. */
export function isFirstUse(sessions: rows.SessionRows, { sessionId, step }: Pick<Caller, 'sessionId' | 'step'>) {
  const row = sessions.findUnended(sessionId)
  return row !== undefined && step === row.step && firstUsedAt(row) === null
}

/** Notes that something issued with the current refresh token was presented: its holder has received the token. */
export function noteUse(context: MailboxContext, caller: Pick<Caller, 'sessionId' | 'step'>) {
  if (isFirstUse(context.sessions, caller)) context.sessions.update(caller.sessionId, { used_at: context.now })
}

const isSamePlace = (row: SessionRow, { country, city, network }: Place) =>
  row.country === country && row.city === city && row.network === network

/** What a refresh changes in the session as shown; usually nothing. */
const shown = (context: MailboxContext, row: SessionRow, place: Place) =>
  isSamePlace(row, place) && context.now - row.shown_used_at <= limits.sessionShownMs
    ? {}
    : { ...place, shown_used_at: context.now, seq: context.sequence.take() }

/** The live sessions, most recently used first, by the last use as shown. */
export const list = (context: CallerContext): Session[] =>
  context.sessions
    .unended()
    .sort((a, b) => b.shown_used_at - a.shown_used_at)
    .map((row) => rows.toSession(row, context.sessionId))

/** Ends one session of the owner. Idempotent: succeeds if the session has already ended. */
export function endOne(context: CallerContext, sessionId: string, lifetimes: SessionLifetimes): Outcome<null> {
  const row = context.sessions.find(sessionId)
  if (!row) return refuse('session_not_found')
  if (row.ended_at !== null || expiresAt(row, lifetimes) <= context.now) return done(null)
  const reason = sessionId === context.sessionId ? 'logout' : 'ended_by_other_session'
  context.sessions.end(context, sessionId, { reason, by: context.sessionId })
  return done(null)
}

export function endOthers(context: MailboxContext, currentId: string, ending: SessionEnding): Outcome<null> {
  for (const { id } of context.sessions.unended()) if (id !== currentId) context.sessions.end(context, id, ending)
  return done(null)
}
