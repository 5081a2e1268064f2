import type { Tokens } from '../../schemas/authentication'
import { anaId, sessionId } from './people'

/** Ana's tokens when she has just signed in. */
export const tokens: Tokens = {
  tokenType: 'Bearer',
  accessToken: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMDEifQ.c2lnbmF0dXJl',
  accessTokenExpiresAt: '2026-11-24T09:30:00.000Z',
  refreshToken: `rt_${anaId}.${sessionId}.0.n2Jb8pQ4mXyT5cV7rL1zK0wE9sA3dF6gH2jU8iO4pBk.Xy7Lp2Qw9Rt4Vb6N`,
  refreshTokenExpiresAt: '2026-12-24T09:20:00.000Z',
  sessionId,
}
