// docs/performance.md, made from what was measured.
import { infoOf, rowNames } from './rows.ts'
import type { Curve, Result } from './summary.ts'
import { amount, cells, columns } from './table.ts'

const markdown = (head: readonly string[], lines: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n')

const meanings = () =>
  markdown(
    ['operation', 'service', 'bare worker'],
    rowNames.map((name) => {
      const { title, service, bare } = infoOf(name)
      return [title, service, bare ?? 'none']
    }),
  )

function growthTable(growth: readonly Curve[], kind: Curve['kind']): string {
  const chosen = growth.filter((curve) => curve.kind === kind)
  const sizes = [...new Set(chosen.map(({ size }) => size))]
  const calls = Map.groupBy(chosen, ({ call }) => call)
  return markdown(
    ['median ms', ...sizes.map((size) => `${size.toLocaleString('en-US')} ${kind}`)],
    [...calls].map(([call, points]) => [call, ...points.map(({ p50 }) => amount(p50))]),
  )
}

function costsTable(costs: Result['costs']): string {
  const lines = Object.entries(costs).map(([name, { calls, d1, statements, blocks, read, written }]) =>
    [name, calls, d1, statements, blocks, read, written].map(String),
  )
  return markdown(
    ['operation', 'mailbox calls', 'D1 statements', 'SQL statements', 'blocks', 'rows read', 'rows written'],
    lines,
  )
}

/** Renders the page. */
export const performancePage = (result: Result): string => `# Performance

How fast the service is, measured next to a **bare worker** (\`bench/bare/worker.ts\`): about 80 lines that do only what no
messenger on this platform can do without. What the service takes above that is the price of what it guarantees.
\`npm run bench -- --write\` generates this page.

## Run it

\`\`\`sh
npm run bench              # everything, in less than 15 minutes
npm run bench -- --quick   # five rows at 16 connections, in less than 2
npm run bench -- --write   # everything, and this page
npm run bench -- --profile # where the processor time of the service goes
\`\`\`

The figures are in \`dist/bench.json\` as well. You need nothing but \`npm ci\`.

## How it is measured

- Both workers run in a plain \`workerd serve\`, each in its own process, with the same compatibility date and flags, and
  with their data on the disk of the repository. The service is the production bundle. No proxy is in the path. D1 and R2
  are Miniflare's simulators, in the same process.
- One client process keeps 1, 16 or 64 connections open, each of which makes its next call when the last one is answered.
- The workers take turns, ${result.rounds} rounds of ${amount(result.roundMs / 1_000)} s each. Figures are medians, with the least and the greatest beside throughput.
- **ratio** is operations per second of the service, divided by those of the bare worker. **settled** counts until every
  receiver's object has its message. **CPU** is the processor time of the worker's process per operation, the work after
  the answer included; **client** is that of the client.
- All objects of a process share one thread, and the client and other work share the machine. So throughput is that of one
  core at most. Compare ratios and processor time, not machines.
- Limits per minute and quotas are off, as under \`npm start\`.

## Results

Measured on ${result.cores} cores, with a disk that makes ${amount(result.fsyncsPerSecond)} writes of 4 KB durable in a second, one after the other.

${markdown(columns, cells(result.rows))}

What an operation is:

${meanings()}

## How it grows

The median time of a call at one connection, with mailboxes of several sizes. Pages have at most 50 items. One message in
twenty has the word that is searched.

![By messages](performance-messages.svg)

${growthTable(result.growth, 'messages')}

![By chats](performance-chats.svg)

${growthTable(result.growth, 'chats')}

## What an operation costs

Counted in a test, on average: calls of mailboxes, SQL statements in mailboxes and D1, synchronous blocks (a commit each, at
most), and rows in mailboxes. Chats hold a page, and nothing sleeps.

${costsTable(result.costs)}

## What is left

What the smallest call costs beyond the bare worker's is routing, checking the input, limits, a line in the log, security and
CORS headers on every response. That is under every other figure. Sending adds six statements in two
mailboxes, the session, the send rate and the chat with its watermarks; two commits, as many as the bare worker's. A page reads
50 rows of seven values instead of two, and puts the JSON of plain messages together from them; one with files, a quote or
reactions is made as an object first. The list of chats looks its 50 last messages up one by one, each in another place of the
table. A page of changes takes a statement each for messages, contacts and sessions, and one for the last messages that it does
not have yet, in the order of their numbers.

The log of the service goes to a file. Read line by line by the client, as it was, it took a quarter of the time of the
smallest call.

A mailbox that wakes reads what is due and the chat that is asked for, and all of its chats only for the list, the changes and
the counts: about 4 µs for each.

## What is asserted

Times differ from machine to machine, so no test asserts them. Rows and statements do not:

| figure | where |
| --- | --- |
| mailbox calls, statements, commits and rows written of these operations | \`tests/delivery/operation-costs.test.ts\` |
| rows written per message, delivered and read, at most 9.5, search included; no D1 query once a chat exists | \`tests/delivery/cost.test.ts\` |
| rows read by each operation do not grow with the mailbox | \`tests/delivery/scale.test.ts\`, \`tests/delivery/growing-costs.test.ts\` |
| every statement uses an index | \`tests/contract/query-plans.test.ts\` |
`
