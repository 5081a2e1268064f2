import type { Context } from 'hono'
import * as users from '../../repositories/users'
import { TokenRefresh, Tokens } from '../../schemas/authentication'
import { placeOf } from '../../src/core/edge'
import { problem } from '../../src/core/errors'
import type { AppEnv } from '../../src/http/app-env'
import { define, json, jsonBody } from '../../src/http/define-route'
import { callMailbox, unwrap } from '../../src/http/mailbox-client'
import { limitNetwork, limitUser } from '../../src/http/rate-limit'
import { issueTokens, parseRefreshToken } from '../../src/services/accounts/issue-tokens'
import { readConfig } from '../../src/settings/config'

/** A mailbox that nobody has is created by calling it, so what proves nothing must at least name a user. */
async function requireUser(c: Context<AppEnv>, userId: string) {
  await limitNetwork(c, 'unprovenRefreshes')
  if (!(await users.find(c.env.DB, userId))) throw problem('refresh_token_invalid')
}

export const refreshTokens = define(
  {
    access: 'public',
    counts: 'open',
    operationId: 'refreshTokens',
    method: 'post',
    path: '/v1/auth/refresh',
    tags: ['Authentication'],
    summary: 'Refresh your tokens',
    description:
      'Returns a new access token and the refresh token that replaces the one you sent. A refresh token that was replaced returns the current tokens again as long as nothing you got in its place, neither the refresh token nor the access token, has been used: repeat the call whenever you lost a response, even days later. It keeps doing so for 30 seconds after that first use, so parallel refreshes are safe. After that, it counts as stolen, and using it ends the session. Any other token is rejected and has no effect.',
    request: { body: jsonBody(TokenRefresh) },
    responses: { 200: json(Tokens, 'New tokens for the same session.') },
    problems: ['refresh_token_invalid', 'refresh_token_reused'],
  },
  async (c) => {
    const config = readConfig(c.env)
    const { userId, presented, isProven } = parseRefreshToken(config, c.req.valid('json').refreshToken)
    if (!isProven) await requireUser(c, userId)
    // Someone who only knows a user's id must not use up what that user has.
    await limitUser(c, 'refreshes', isProven ? userId : `unproven ${userId}`)
    const place = placeOf(c.req.raw)
    const issued = unwrap(await callMailbox(c.env, userId, (mailbox) => mailbox.refresh(presented, place)))
    // For the log: before this point they were only claims in an unverified token.
    c.set('session', { userId, sessionId: issued.sessionId, step: issued.step })
    return c.json(await issueTokens(config, userId, issued, Date.now()), 200)
  },
)
