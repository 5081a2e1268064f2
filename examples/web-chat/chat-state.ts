import type { Chat } from '../typescript/schema'

/** The time of a mute passes without a change. */
export const isMuted = ({ mutedUntil }: Chat) => mutedUntil !== null && Date.parse(mutedUntil) > Date.now()
