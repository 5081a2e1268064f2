// docs/cost.md, computed from docs/figures.json and the list prices.
import {
  assumed,
  type Bill,
  billOf,
  type Counts,
  d1MonthOf,
  d1Rows,
  type Figures,
  habits,
  monthOf,
  totalOf,
} from './cost-model.ts'
import { framesPerRequest, hosted, included, pricePages, prices } from './prices.ts'

const dollars = (amount: number) => `$${amount.toFixed(2)}`
const row = (...cells: string[]) => `| ${cells.join(' | ')} |`
const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => row(...cells)).join('\n')

const billed: Record<keyof Bill, string> = {
  rowsWritten: 'rows written, search and alarms included',
  rowsRead: 'rows read',
  workerRequests: 'Worker requests',
  workerCpu: 'Worker CPU',
  objectRequests: 'mailbox calls, alarms and frames',
  objectTime: 'mailbox time awake (assumed)',
}

/** What a fetched and a sent message take of the processor, mailboxes included, which makes it too much. */
const httpCpuMs = ({ cpuMs }: Figures) => cpuMs.send + cpuMs.changes + cpuMs.noop

/** The columns of the first table. */
const kindsOf = (figures: Figures) => [
  { title: 'sockets, lively', counts: figures.counted.busy, cpuMs: 0 },
  { title: 'sockets, slow', counts: figures.counted.quiet, cpuMs: 0 },
  { title: 'HTTP, lively', counts: figures.counted.http, cpuMs: httpCpuMs(figures) },
]

function perMillion(figures: Figures): string {
  const bills = kindsOf(figures).map(({ counts, cpuMs }) => billOf(counts, cpuMs))
  const keys = Object.keys(billed) as (keyof Bill)[]
  return table(
    ['', ...kindsOf(figures).map(({ title }) => title)],
    [
      ...keys.map((key) => [billed[key], ...bills.map((bill) => dollars(bill[key]))]),
      ['**total per million messages**', ...bills.map((bill) => `**${dollars(totalOf(bill))}**`)],
    ],
  )
}

const shownCounts: Record<keyof Counts, string> = {
  written: 'rows written',
  read: 'rows read',
  requests: 'Worker requests',
  calls: 'mailbox calls',
  alarms: 'alarms',
  frames: 'frames from clients',
  d1: 'D1 statements',
  bytes: 'bytes stored',
}

const countsTable = (figures: Figures) =>
  table(
    ['per message', ...kindsOf(figures).map(({ title }) => title), 'an app is opened'],
    (Object.keys(shownCounts) as (keyof Counts)[]).map((key) => [
      shownCounts[key],
      ...kindsOf(figures).map(({ counts }) => String(counts[key])),
      String(figures.counted.opening[key]),
    ]),
  )

const priceList = () =>
  table(
    ['what', 'price', 'included in the plan'],
    [
      [
        'rows written, mailboxes and D1 alike',
        `${dollars(prices.rowsWritten)} per million`,
        `${included.rowsWritten} million`,
      ],
      ['rows read', `$${prices.rowsRead} per million`, '25 billion'],
      ['Worker requests', `${dollars(prices.workerRequests)} per million`, `${included.workerRequests} million`],
      ['Worker CPU', `${dollars(prices.workerCpuMs)} per million ms`, '30 million ms'],
      [
        'calls of objects, alarms',
        `${dollars(prices.objectRequests)} per million`,
        `${included.objectRequests} million`,
      ],
      [`frames from clients`, `${framesPerRequest} count as one call`, ''],
      ['objects awake, at 128 MB', `${dollars(prices.objectGbSeconds)} per million GB-s`, '400,000 GB-s'],
      ['storage of objects', `${dollars(prices.objectStorage)} per GB-month`, '5 GB'],
      ['storage of D1', `${dollars(prices.d1Storage)} per GB-month`, '5 GB'],
    ],
  )

function comparison(figures: Figures): string {
  const month = monthOf(figures)
  const d1 = d1MonthOf(figures)
  const own = month.messaging + month.opening + month.storage
  const other = d1.messaging + d1.opening + d1.polling + d1.storage
  return table(
    ['a month', 'this service', 'everything in D1'],
    [
      [`${month.messages} million messages`, dollars(month.messaging), dollars(d1.messaging)],
      [`${month.openings} million openings of the app`, dollars(month.opening), dollars(d1.opening)],
      [`${d1.polls} million polls`, 'none', dollars(d1.polling)],
      ['storage of the messages of a year', dollars(month.storage), dollars(d1.storage)],
      ['**total**', `**${dollars(own)}**`, `**${dollars(other)}**`],
    ],
  )
}

const hostedTable = () =>
  table(
    ['hosted service', 'list price', `${habits.monthlyUsers.toLocaleString('en-US')} monthly users`, 'source'],
    hosted.map(({ name, plan, perMonth, source }) => [name, plan, dollars(perMonth(habits.monthlyUsers)), source]),
  )

/** Renders the page. */
export const costPage = (figures: Figures): string => `# Costs

What Cloudflare charges for this service, computed from counted rows and calls and from list prices. \`npm run cost\` counts
again and rewrites this page and \`docs/figures.json\`; a test compares the two.

## A million messages

Plain one-to-one messages of 61 characters, each delivered and read, in chats that exist. No push notifications.

${perMillion(figures)}

- **Lively**: the two answer each other within seconds, so that one alarm serves many messages. **Slow**: every message is
  followed by enough silence for both mailboxes’ alarms to ring, which is the most that a message can cost.
- **Sockets**: both are connected, as the clients in \`examples/\` are. **HTTP**: the receiver fetches each message with
  \`listChanges\`, once.
- Nothing of it is D1. Sign-in, profiles and finding contacts are; next to messages they cost little, and next to either,
  texts with codes cost much more.

## A thousand daily users

Each sends ${habits.sentPerDay} messages a day, a quarter of them slow, over sockets, and opens the app ${habits.openingsPerDay} times. In D1, where nothing can be
pushed, the app polls every ${habits.pollSeconds} seconds during ${habits.openMinutesPerDay} minutes a day. The plan’s ${dollars(prices.plan)} and what it includes are left out.

${comparison(figures)}

The column for D1 is a model, not a measurement: one copy of each message, ${d1MonthOf(figures).rows} rows written for each (${Object.entries(
  d1Rows,
)
  .map(([name, rows]) => `${name} ${rows}`)
  .join(', ')}). A row
costs the same in both. D1 saves the second copy and pays for polls and dearer storage. One database holds 10 GB and
writes one transaction at a time: [Scale](scale.md).

## Next to hosted services

These charge for users, not for messages. Half of the monthly users are taken to come every day.

${hostedTable()}

Stream and Sendbird are left out, because no page with their prices could be read for this one. Hosted services include
what this one leaves to you: interfaces for apps, moderation, support.

## What was counted

On ${figures.countedAt}, by \`tests/delivery/message-costs.test.ts\`, which fails when a message comes to cost more:

${countsTable(figures)}

The processor time is that of the benchmark on the machine of [Performance](performance.md), at 16 connections:
${figures.cpuMs.send} ms for a send, ${figures.cpuMs.changes} ms for a page of changes, ${figures.cpuMs.noop} ms for the smallest call. It includes the mailboxes’, which is not billed
as CPU, so the real figure is lower. Frames on a socket reach the mailbox without a Worker.

**Assumed**, because it cannot be measured outside of Cloudflare: a mailbox is awake for ${assumed.awakeMsPerCall} ms per call or alarm, and
${assumed.awakeMsPerFrame} ms per frame.

## Prices

List prices of Workers Paid, ${dollars(prices.plan)} a month, as of November 2026: ${Object.entries(pricePages)
  .map(([name, page]) => `[${name}](${page})`)
  .join(', ')}.

${priceList()}

Files are R2: $0.015 per GB-month, $4.50 per million uploads, $0.36 per million downloads, no charge for traffic.
`
