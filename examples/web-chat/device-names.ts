import type { Session } from '../typescript/schema'
import { isolated } from './direction'

export const nameOf = ({ deviceName, platform }: Session) => deviceName ?? platform ?? 'Unknown device'

/** Helps users recognize whether it was them. */
export const placeOf = ({ city, country }: Session) => [city, country].filter(Boolean).join(', ')

export const saidOfSignIn = (session: Session) => {
  const place = placeOf(session)
  return `New sign-in to your account: ${isolated(nameOf(session))}${place && `, ${place}`}.`
}
