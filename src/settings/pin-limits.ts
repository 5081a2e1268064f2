import type { limits } from '../core/limits'

const bounds: (keyof typeof limits)[] = ['groupPinsMax']

/** What is refused of pinned messages: a row of `usage-limits.ts`. */
export const pinLimits = {
  pins: {
    counts: 'messages that are pinned',
    by: 'group' as const,
    countedIn: 'group' as const,
    refusal: 'pins_full' as const,
    settings: {},
    bounds,
  },
}
