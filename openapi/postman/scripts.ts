import type { PostmanStep } from './step'

interface Event {
  listen: 'prerequest' | 'test'
  script: { type: 'text/javascript'; exec: string[] }
}

const event = (listen: Event['listen'], exec: string[]): Event => ({
  listen,
  script: { type: 'text/javascript', exec },
})

/** Script lines that store the `Tokens` in the variable `tokens` for the user that an expression names. */
const keepTokens = (who: string): string[] => [
  `pm.environment.set(${who} + 'AccessToken', tokens.accessToken)`,
  `pm.environment.set(${who} + 'AccessTokenExpiresAt', tokens.accessTokenExpiresAt)`,
  `pm.environment.set(${who} + 'RefreshToken', tokens.refreshToken)`,
  `pm.environment.set(${who} + 'SessionId', tokens.sessionId)`,
]

/** Runs before every request of the collection. */
export const refreshWhenExpired = event('prerequest', [
  "for (const who of ['ana', 'ben']) {",
  "  const expiresAt = Date.parse(pm.environment.get(who + 'AccessTokenExpiresAt') || '')",
  '  if (!(expiresAt < Date.now() + 10000)) continue',
  '  const request = {',
  "    url: pm.environment.replaceIn('{{baseUrl}}/v1/auth/refresh'),",
  "    method: 'POST',",
  "    header: { 'Content-Type': 'application/json' },",
  "    body: { mode: 'raw', raw: JSON.stringify({ refreshToken: pm.environment.get(who + 'RefreshToken') }) },",
  '  }',
  '  pm.sendRequest(request, (error, response) => {',
  '    // The request itself then returns 401 and says why.',
  '    if (error || response.code !== 200) return',
  '    const tokens = response.json()',
  ...keepTokens('who').map((line) => `    ${line}`),
  '  })',
  '}',
])

const forgetTokens = (who: string): string[] =>
  ['AccessToken', 'AccessTokenExpiresAt', 'RefreshToken'].map((name) => `pm.environment.set('${who}${name}', '')`)

const repeatUntil = (condition: string, status: number): string[] => [
  `const hasCome = Boolean(${condition})`,
  "const tries = Number(pm.environment.get('tries') || 0) + 1",
  `if (!hasCome && tries < 50 && pm.response.code === ${status}) {`,
  "  pm.environment.set('tries', tries)",
  '  setTimeout(() => pm.execution.setNextRequest(pm.info.requestId), 200)',
  '} else {',
  "  pm.environment.set('tries', '')",
  "  pm.test('the delivery has arrived', () => pm.expect(hasCome).to.be.true)",
  '}',
]

function afterwards({ status, keep = {}, signsIn, signsOut, until }: PostmanStep): string[] {
  // Both `refreshTokens` and `verifyOtp` return tokens; the latter also returns the user.
  const tokens = ['const tokens = body.tokens || body', ...keepTokens(`'${signsIn}'`)]
  const kept = [
    ...Object.entries(keep).map(([name, path]) => `pm.environment.set('${name}', body.${path})`),
    ...(signsIn ? tokens : []),
    ...(signsOut ? forgetTokens(signsOut) : []),
  ]
  const reads = kept.some((line) => line.includes('body')) || until !== undefined
  return [
    `pm.test('returns ${status}', () => pm.response.to.have.status(${status}))`,
    ...(reads ? ['const body = pm.response.json()'] : []),
    ...(kept.length > 0 ? [`if (pm.response.code === ${status}) {`, ...kept.map((line) => `  ${line}`), '}'] : []),
    ...(until ? repeatUntil(until, status) : []),
  ]
}

/** The scripts that run before and after one request. */
export const eventsOf = (step: PostmanStep): Event[] => [
  ...(step.fresh
    ? [
        event(
          'prerequest',
          step.fresh.map((name) => `pm.environment.set('${name}', pm.variables.replaceIn('{{$guid}}'))`),
        ),
      ]
    : []),
  event('test', afterwards(step)),
]
