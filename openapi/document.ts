import { version } from '../package.json'
import { app } from '../src/app'
import { limits } from '../src/core/limits'
import { requestsOf, withAbsentInputs } from './absent-inputs'
import { withEnumNames } from './enum-names'
import { addExamples, type Operation } from './examples/add-examples'
import { withOpenAnswers } from './open-answers'
import { withPlainRefs } from './plain-refs'
import type { Schema } from './schema-forms'

const description = `
### Sign in

1. Call **\`sendOtp\`** with your phone number. You receive a code, and the response contains a \`verificationId\`. (A server started with \`npm start\` prints the code in its terminal.)
2. Call **\`verifyOtp\`** with the \`verificationId\` and the code. The response contains \`tokens\` and the user. A number seen for the first time becomes a new user.
3. At \`/docs\`, click **Authorize** and enter the \`accessToken\`. From code, send it with every other call: \`Authorization: Bearer <accessToken>\`.
4. When a call returns 401 \`access_token_expired\` after some minutes, call **\`refreshTokens\`** with the \`refreshToken\`. The response contains a new pair. Keep the newest: reusing an old refresh token ends the session.

### What this is

The backend of a messenger: profiles, contacts, chats of two and in groups, files, and network metadata. After you sign in, find people with \`findContacts\`, write to them with \`sendMessage\`, and follow what happens with \`connectRealtime\` or \`listChanges\`.

### Conventions

- **Errors** are \`application/problem+json\` (RFC 9457) on every path. Program against \`code\`. \`errors\` points to the rejected fields. Quote \`requestId\`, also sent as \`X-Request-Id\`, in bug reports. The server makes it; an \`X-Request-Id\` of your own is only logged beside it.
- **IDs** are opaque strings with a prefix for their type: \`usr_\`, \`ses_\`, \`ver_\`, \`fil_\`, \`msg_\`, \`grp_\`, \`rep_\`. A chat's ID is the peer's user ID, or that of the group; your own user ID is the chat for notes to self.
- **Times** are RFC 3339 in UTC with milliseconds. **Phone numbers** are in E.164 format: \`+351912345678\`.
- **Lists** are \`{items, nextCursor}\`. Pass \`nextCursor\` as \`cursor\` to get the next page; it is null on the last page.
- **Sending is idempotent**: choose a \`clientMessageId\` for each message and retry the call until it succeeds. The message exists once, no matter how often you sent it.
- **Limits**: by default, you can make ${limits.readsPerMinute} calls a minute that read data, ${limits.writesPerMinute} that change it, ${limits.uploadsPerMinute} uploads, and ${limits.userLookupsPerMinute} user lookups. Your network has limits as well, which are much wider once you are signed in. Beyond them, any operation returns 429 \`too_many_requests\`; retry after the seconds in \`Retry-After\`.
- **Extensibility**: new fields, codes, and kinds might be added to what the server sends. Ignore those you do not know.
`.trim()

const tags = [
  { name: 'Authentication', description: 'Sign in by phone number, refresh tokens, and end sessions.' },
  { name: 'Profile', description: 'Your profile and account, and the profiles of other users.' },
  { name: 'Contacts', description: 'Find people by phone number, save them, and block them.' },
  { name: 'Chats', description: 'Your list of chats and the state of each: read, pinned, muted, archived.' },
  {
    name: 'Groups',
    description: 'Chats of up to 1,000 members. In chat and message operations, the ID of a group is its `chatId`.',
  },
  { name: 'Messages', description: 'Send, read, edit, delete, react to, and search messages.' },
  { name: 'Realtime', description: 'Get what changed since a cursor, by polling or over a WebSocket.' },
  { name: 'Files', description: 'Upload, download, and share files.' },
  { name: 'Network', description: 'Metadata about your connection.' },
  { name: 'System', description: 'The health of the service.' },
]

const sorted = (schemas: Record<string, Schema>) =>
  Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1)))

const framesIn = (variants: unknown): string[] =>
  Array.isArray(variants) ? variants.map(({ $ref }) => String($ref).split('/').at(-1) ?? '') : []

function buildDocument() {
  const { openapi, info, servers, paths, components } = app.getOpenAPI31Document({
    openapi: '3.1.1',
    info: {
      title: 'Big Project',
      version,
      description,
      contact: { name: 'The makers of Big Project' },
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    // A server that serves this document puts itself first: see src/http/pages.ts.
    servers: [
      { url: 'http://localhost:8787', description: 'The server that `npm start` starts.' },
      {
        url: '{origin}',
        description: 'Any server.',
        variables: { origin: { default: 'http://localhost:8787' } },
      },
    ],
  })
  const operations = Object.values(paths ?? {}).flatMap((path) => Object.values(path))
  const used = new Set(operations.flatMap((operation) => operation.tags))
  const inUse = tags.filter(({ name }) => used.has(name))
  const plain = JSON.parse(JSON.stringify(withPlainRefs({ paths, schemas: components?.schemas })))
  const described = withOpenAnswers<Operation>(plain)
  const sent = [...requestsOf(described.paths), ...framesIn(described.schemas['ClientFrame']?.['oneOf'])]
  const schemas = withAbsentInputs(described.schemas, sent)
  return {
    openapi,
    info,
    servers,
    tags: inUse,
    paths: addExamples(described.paths),
    // In one order, however the modules of the schemas are loaded.
    components: { ...components, schemas: withEnumNames(sorted(schemas)) },
  }
}

let text: string | undefined

/** The OpenAPI document as it is committed and served, built once. */
export function documentText(): string {
  text ??= `${JSON.stringify(buildDocument(), null, 2)}\n`
  return text
}
