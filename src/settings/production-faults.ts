// Imports nothing, because the deploy command runs it in Node as well.

/** For keys of 256 bits; what providers issue is 32 characters or more, too. */
const charactersMin = 32

/** Of 32 random hexadecimal digits, fewer are different once in 100,000. */
const differentMin = 10

const secrets = ['JWT_SECRET', 'JWT_SECRET_PREVIOUS', 'TWILIO_AUTH_TOKEN', 'TURNSTILE_SECRET']
const origins = ['TWILIO_BASE_URL', 'TURNSTILE_BASE_URL']

/** Words and placeholders, which no random secret contains, and Turnstile's keys for tests, which accept any token. */
const made = /\s|[<>]|secret|password|example|change-?me|^[123]x0{20}/i

export interface SettingFault {
  setting: string
  fault: string
}

function weakness(secret: string): string | undefined {
  if (made.test(secret)) return 'an example, not a random secret'
  if (secret.length < charactersMin) return `fewer than ${charactersMin} characters`
  if (new Set(secret).size < differentMin) return `fewer than ${differentMin} different characters`
  return undefined
}

/**
 * What makes settings unfit for production: weak secrets, providers without TLS, and no decision about Turnstile. Never
 * contains a value. `isSet` says which settings have one, if some are not known here.
 */
export function productionFaults(
  settings: object,
  isSet = (name: string) => String(Reflect.get(settings, name) ?? '') !== '',
): SettingFault[] {
  const textOf = (name: string) => {
    const value: unknown = Reflect.get(settings, name)
    return typeof value === 'string' ? value : ''
  }
  const faults: SettingFault[] = []
  const seen = new Map<string, string>()
  for (const setting of secrets) {
    const secret = textOf(setting)
    if (secret === '') continue
    const twin = seen.get(secret)
    const fault = twin ? `the same as ${twin}` : weakness(secret)
    if (fault) faults.push({ setting, fault })
    seen.set(secret, setting)
  }
  for (const setting of origins) {
    const origin = textOf(setting)
    if (origin !== '' && !origin.startsWith('https://')) faults.push({ setting, fault: 'not https' })
  }
  if (textOf('TURNSTILE') !== 'off') faults.push(...turnstileFaults(isSet))
  return faults
}

function turnstileFaults(isSet: (name: string) => boolean): SettingFault[] {
  if (!isSet('TURNSTILE_SECRET'))
    return [{ setting: 'TURNSTILE_SECRET', fault: 'missing; without Turnstile, set TURNSTILE to "off"' }]
  if (!isSet('TURNSTILE_HOSTNAMES'))
    return [{ setting: 'TURNSTILE_HOSTNAMES', fault: 'missing: the hosts whose pages show the widget' }]
  return []
}
