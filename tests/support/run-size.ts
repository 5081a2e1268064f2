/** Whether `npm run test:heavy` runs: tests that prove more the longer they go on then take their full length. */
const isHeavy = import.meta.env['VITE_HEAVY'] !== undefined

/** What a test repeats: as little as shows what it shows in `npm test`, and much in `npm run test:heavy`. */
export const sized = <T>(short: T, heavy: T): T => (isHeavy ? heavy : short)
