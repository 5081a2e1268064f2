import type { Tokens } from '../../schemas/authentication'
import { type OperationExamples, single } from '../examples/operation-examples'
import { anaId, sessionId } from '../examples/people'
import { tokens } from '../examples/tokens'

const refreshed: Tokens = {
  ...tokens,
  accessTokenExpiresAt: '2026-11-24T09:39:00.000Z',
  refreshToken: `rt_${anaId}.${sessionId}.1.Zq7Wm2Xn9Bv4Cs1Lk6Jh3Gf8Dd5Sa0Po2Iu7Yt4Re1W.Hd3Ks8Zf1Mc5Jg0T`,
  refreshTokenExpiresAt: '2026-12-24T09:29:00.000Z',
}

export const refreshTokens: OperationExamples = {
  body: single('The most recent refresh token', { refreshToken: tokens.refreshToken }),
  responses: { 200: single('The new pair of tokens', refreshed) },
  problem: { code: 'refresh_token_reused' },
  steps: [{ as: 'nobody', status: 200, body: { refreshToken: '{{anaRefreshToken}}' }, signsIn: 'ana' }],
}
