// What each suite may take in seconds, alone on a machine with two cores. Nothing fails by the clock, for machines are
// noisy; who makes a suite slower sees it here.
/** @type {Record<string, number>} */
const budgetSeconds = {
  test: 240,
  bench: 900,
  'test:e2e': 120,
  'test:clients': 180,
  'test:kit': 150,
  'test:languages': 240,
  'test:heavy': 300,
  'test:fuzz': 300,
  'test:model': 600,
  'test:postman': 120,
  'test:crash': 240,
  'test:resume': 240,
  'test:groups': 120,
  'test:pumping': 180,
  'test:hostile': 1_800,
  'test:browser': 300,
}

/**
 * What the built Worker may take. Its size is the same on every machine. The ratio of processor times, now 5, varies by a
 * few percent with the machine and its other work, so it fails only at half as much again. Of the size, 30 KiB are for groups.
 */
export const bundleBudget = { gzipKib: 235, startRatio: 7.5 }

const startedAt = Date.now()

/** Prints how long the npm script that runs has taken, beside its budget. `npm test` has one for all tests alone. */
export function reportSeconds(/** @type {readonly string[]} */ args = []) {
  const suite = process.env['npm_lifecycle_event'] ?? ''
  const budget = budgetSeconds[suite]
  if (budget === undefined || (suite === 'test' && args.length > 0)) return
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  console.log(`${suite} took ${seconds} s of ${budget} s${seconds > budget ? ': over its budget' : ''}.`)
}
