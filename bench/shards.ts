// `node scripts/run.mjs bench/shards.ts`: simulates finding 500 contacts where users are spread over several databases by a
// hash of their number, and prints the table of docs/scale.md. A model of latency, not a measurement: each database answers
// after a network round trip, log-normal around its median, and after what the lookups take of its only thread, where a
// query waits behind others as in an M/D/1 queue.
import { createHash } from 'node:crypto'

const asked = 500
const calls = 2_000
const shardCounts = [1, 10, 20, 100, 200, 1_000]

const roundTripMs = 8
/** Spread of the logarithm: the slowest round trip in a hundred takes four times the median. */
const spread = Math.log(4) / 2.33
const queryMs = 0.3
const lookupMs = 0.01
/** How busy each database is with other queries. */
const load = 0.5
/** Connections that a Worker holds open for one request, if calls of D1 count as such. */
const connectionsMax = 6

/** Random numbers that are the same in every run (mulberry32). */
function randomsFrom(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const random = randomsFrom(1)

function normal() {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

const newNumber = () => `+1${String(Math.floor(random() * 1e10)).padStart(10, '0')}`

const shardOf = (number: string, shards: number) => createHash('sha256').update(number).digest().readUInt32BE() % shards

/** How long one database takes to answer for so many numbers. */
function answerMs(numbers: number) {
  const work = queryMs + lookupMs * numbers
  // The mean wait in an M/D/1 queue of queries as long as this one, exponentially distributed.
  const meanWait = (load * work) / (2 * (1 - load))
  return roundTripMs * Math.exp(spread * normal()) + work - meanWait * Math.log(1 - random())
}

/** When the last of these answers arrives, if at most so many are awaited at once. */
function lastOf(answers: readonly number[], atOnce: number) {
  const lanes = new Array<number>(Math.min(atOnce, answers.length)).fill(0)
  for (const answer of answers) {
    const soonest = lanes.indexOf(Math.min(...lanes))
    lanes[soonest] = (lanes[soonest] ?? 0) + answer
  }
  return Math.max(...lanes)
}

const quantile = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN

function simulate(shards: number) {
  const touched: number[] = []
  const together: number[] = []
  const few: number[] = []
  for (let call = 0; call < calls; call++) {
    const numbers = Map.groupBy(Array.from({ length: asked }, newNumber), (number) => shardOf(number, shards))
    const answers = [...numbers.values()].map(({ length }) => answerMs(length))
    touched.push(answers.length)
    together.push(lastOf(answers, answers.length))
    few.push(lastOf(answers, connectionsMax))
  }
  const mean = touched.reduce((sum, one) => sum + one, 0) / calls
  const shown = (latencies: number[]) => {
    latencies.sort((a, b) => a - b)
    return [0.5, 0.99].map((share) => quantile(latencies, share).toFixed(0))
  }
  return [String(shards), mean.toFixed(0), String(asked), ...shown(together), ...shown(few)]
}

const head = ['databases', 'queries', 'lookups', 'p50 ms', 'p99 ms', 'p50 ms, 6 at once', 'p99 ms, 6 at once']
for (const cells of [head, head.map(() => '---'), ...shardCounts.map(simulate)]) console.log(`| ${cells.join(' | ')} |`)
