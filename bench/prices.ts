// Public list prices in US dollars, beyond what a plan includes, as of November 2026.

/** Cloudflare, Workers Paid. Operations are per million, storage is per GB and month. */
export const prices = {
  plan: 5,
  workerRequests: 0.3,
  workerCpuMs: 0.02,
  objectRequests: 0.15,
  objectGbSeconds: 12.5,
  rowsRead: 0.001,
  rowsWritten: 1,
  objectStorage: 0.2,
  d1Storage: 0.75,
}

/** What the plan includes each month; operations in millions. */
export const included = { workerRequests: 10, objectRequests: 1, rowsWritten: 50 }

/** So many frames of clients are billed as one request. */
export const framesPerRequest = 20

/** Memory that an object is billed for while it is awake. */
export const objectGb = 0.128

export const pricePages = {
  Workers: 'https://developers.cloudflare.com/workers/platform/pricing/',
  'Durable Objects': 'https://developers.cloudflare.com/durable-objects/platform/pricing/',
  D1: 'https://developers.cloudflare.com/d1/platform/pricing/',
  R2: 'https://developers.cloudflare.com/r2/pricing/',
}

/** Hosted chat, for those whose price was found in public. `perMonth` is dollars for so many monthly active users. */
export const hosted = [
  {
    name: 'Twilio Conversations',
    plan: '$0.05 per active user',
    perMonth: (users: number) => 0.05 * users,
    source:
      '[a consultant’s page](https://www.telphiconsulting.com/blog/twilio-conversations-api-pricing) of June 2026',
  },
  {
    name: 'ZEGOCLOUD In-app Chat, Pro',
    plan: '$449 per 10,000 monthly active users or part of them',
    perMonth: (users: number) => 449 * Math.ceil(users / 10_000),
    source: '[its documentation](https://www.zegocloud.com/docs/console/faqs/pricing/fee-for-in-app-chat), undated',
  },
]
