import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { clientNetwork } from '../core/client-network'
import { clientAddress } from '../core/edge'
import { problem } from '../core/errors'
import { limits } from '../core/limits'
import { type CallLimitName, callLimits, type NetworkCallLimit, type UserCallLimit } from '../settings/call-limits'
import { readConfig } from '../settings/config'
import type { AppEnv } from './app-env'

interface CallClass {
  /** Counted for the user whose access token the guard has accepted. */
  user?: UserCallLimit
  network?: NetworkCallLimit
}

const ofUser = (user: UserCallLimit): CallClass => ({ user, network: 'signedInCalls' })

/** What a call counts as. Every operation names one of these. */
export const callClasses = {
  read: ofUser('reads'),
  write: ofUser('writes'),
  message: ofUser('messageWrites'),
  upload: ofUser('uploads'),
  lookup: ofUser('userLookups'),
  account: ofUser('accountChanges'),
  export: ofUser('exports'),
  ticket: ofUser('connections'),
  /** Without an access token. */
  open: { network: 'openCalls' },
  codeCheck: { network: 'codeChecks' },
  /** Counted by the handler: with `limitUser`, or by the shield in front of the budgets for codes. */
  byHandler: {},
} as const satisfies Record<string, CallClass>

export type CallClassName = keyof typeof callClasses

interface Limited {
  env: Env
  req: { raw: Request }
}

async function limit({ env }: Limited, name: CallLimitName, key: string) {
  const { success } = await env[callLimits[name].limiter].limit({ key })
  if (!success) throw problem('too_many_requests', { retryAfterSeconds: limits.rateWindowSeconds })
}

/** Counts a call for its network. Throws `too_many_requests` if there were too many. */
export async function limitNetwork(c: Limited, name: NetworkCallLimit) {
  if (readConfig(c.env).NETWORK_LIMITS === 'off') return
  await limit(c, name, clientNetwork(clientAddress(c.req.raw)))
}

/**
 * Counts a call of a user whom a token has proven. The platform counts per location and approximately: this keeps one
 * client from being a burden to all others, and quotas are counted elsewhere.
 */
export async function limitUser(c: Limited, name: UserCallLimit, userId: string) {
  if (readConfig(c.env).USER_LIMITS === 'off') return
  await limit(c, name, userId)
}

/** Counts a call for its user first: what one user is refused does not count for the network that others share. */
export const rateLimit = (callClass: CallClassName) => {
  const { user, network }: CallClass = callClasses[callClass]
  return createMiddleware<AppEnv>(async (c: Context<AppEnv>, next) => {
    const session = c.get('session')
    if (user && session) await limitUser(c, user, session.userId)
    if (network) await limitNetwork(c, network)
    await next()
  })
}
