import { version } from '../package.json'
import { app } from '../src/app'
import { addExamples } from './examples/add-examples'
import { withPlainRefs } from './plain-refs'

const description = `
### Sign in

1. **\`sendOtp\`** with your phone number: a code is sent to it, and the answer holds a \`verificationId\`. (A server started by \`npm start\` prints the code in its terminal.)
2. **\`verifyOtp\`** with the \`verificationId\` and the code: the answer holds \`tokens\` and the user. A number seen for the first time becomes a new user.
3. **Authorize**, on this page, with the \`accessToken\`; from code, send it with every other call: \`Authorization: Bearer <accessToken>\`.
4. **\`refreshTokens\`** with the \`refreshToken\`, when a call answers 401 \`access_token_expired\` after some minutes: the answer is a new pair. Keep the newest; an old refresh token used again ends the session.

### What this is

The backend of a messenger: profiles, contacts, one-to-one chat, files and network facts. Signed in, find somebody by \`findContacts\`, write by \`sendMessage\`, and follow what happens by \`connectRealtime\` or \`listChanges\`.

### Conventions

- **Errors** are \`application/problem+json\` (RFC 9457) on every path. Program against \`code\`; \`errors\` points at the fields that were refused; quote \`requestId\`, also sent as \`X-Request-Id\`, in a report.
- **Ids** are opaque strings with a prefix that names their kind: \`usr_\`, \`ses_\`, \`ver_\`, \`fil_\`, \`msg_\`. A chat's id is the peer's user id; one's own is the chat of notes to oneself.
- **Times** are RFC 3339 in UTC with milliseconds. **Phone numbers** are E.164: \`+351912345678\`.
- **Lists** are \`{items, nextCursor}\`. Pass \`nextCursor\` as \`cursor\` for the next page; it is null on the last.
- **Sending is idempotent**: choose a \`clientMessageId\` for each message and repeat the call until it answers. The message is there once, however often it was sent.
- **Growth**: new fields, codes and kinds may be added to what the server sends; ignore those that you do not know.
`.trim()

const tags = [
  { name: 'Authentication', description: 'Sign in by phone number, renew tokens, end sessions.' },
  { name: 'Profile', description: 'Who one is, and what others see of it.' },
  { name: 'Contacts', description: 'Find people by phone number, save them, block them.' },
  { name: 'Chats', description: 'The list of chats, and the state of each: read, pinned, muted, archived.' },
  { name: 'Messages', description: 'Send, read, edit, delete, react to and search messages.' },
  { name: 'Realtime', description: 'What changed since a cursor, by polling or over a WebSocket.' },
  { name: 'Files', description: 'Upload, download and share files.' },
  { name: 'Network', description: 'Facts about the caller’s connection.' },
  { name: 'System', description: 'Whether the service works.' },
]

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
    servers: [
      { url: '/', description: 'Wherever this document was found.' },
      {
        url: '{origin}',
        description:
          'For tools that hold a copy of this document: any server, by default the one that `npm start` runs.',
        variables: { origin: { default: 'http://localhost:8787' } },
      },
    ],
  })
  const operations = Object.values(paths ?? {}).flatMap((path) => Object.values(path))
  const used = new Set(operations.flatMap((operation) => operation.tags))
  const inUse = tags.filter(({ name }) => used.has(name))
  const told = addExamples(JSON.parse(JSON.stringify(paths)))
  return { openapi, info, servers, tags: inUse, paths: withPlainRefs(told), components: withPlainRefs(components) }
}

let text: string | undefined

/** The OpenAPI document as it is served and committed, made once per isolate. */
export function documentText(): string {
  text ??= `${JSON.stringify(buildDocument(), null, 2)}\n`
  return text
}
