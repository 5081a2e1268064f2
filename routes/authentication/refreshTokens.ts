import * as users from '../../repositories/users'
import { TokenRefresh, Tokens } from '../../schemas/authentication'
import { placeOf } from '../../src/core/edge'
import { problem } from '../../src/core/errors'
import { define, json, jsonBody } from '../../src/http/define-route'
import { callMailbox, unwrap } from '../../src/http/mailbox-client'
import { issueTokens, parseRefreshToken } from '../../src/services/accounts/issue-tokens'
import { readConfig } from '../../src/settings/config'

export const refreshTokens = define(
  {
    access: 'public',
    operationId: 'refreshTokens',
    method: 'post',
    path: '/v1/auth/refresh',
    tags: ['Authentication'],
    summary: 'Refresh your tokens',
    description:
      'Returns a new access token and the refresh token that replaces the one you sent. For 30 seconds after it was replaced, a refresh token still returns the current one, so parallel and repeated refreshes are safe. After that, it counts as stolen, and using it ends the session. Any other token is rejected and has no effect.',
    request: { body: jsonBody(TokenRefresh) },
    responses: { 200: json(Tokens, 'New tokens for the same session.') },
    problems: ['refresh_token_invalid', 'refresh_token_reused'],
  },
  async (c) => {
    const config = readConfig(c.env)
    const { userId, presented, isProven } = parseRefreshToken(config, c.req.valid('json').refreshToken)
    if (!isProven && !(await users.find(c.env.DB, userId))) throw problem('refresh_token_invalid')
    const place = placeOf(c.req.raw)
    const issued = unwrap(await callMailbox(c.env, userId, (mailbox) => mailbox.refresh(presented, place)))
    // For the log: before this point they were only claims in an unverified token.
    c.set('session', { userId, sessionId: issued.sessionId })
    return c.json(await issueTokens(config, userId, issued, Date.now()), 200)
  },
)
