import type { Session } from '../typescript/schema'

export const nameOf = ({ deviceName, platform }: Session) => deviceName ?? platform ?? 'Unknown device'

/** Helps users recognize whether it was them. */
export const placeOf = ({ city, country }: Session) => [city, country].filter(Boolean).join(', ')

export const saidOfSignIn = (session: Session) => {
  const place = placeOf(session)
  return `New sign-in to your account: ${nameOf(session)}${place && `, ${place}`}.`
}
