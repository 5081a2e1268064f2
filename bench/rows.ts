// What is measured, in the order of the table.

export interface RowInfo {
  title: string
  /** What an operation is. */
  service: string
  /** What the bare worker does instead; undefined if it has no equal. */
  bare?: string
}

export const rows = {
  send: {
    title: 'Send a message',
    service:
      '`sendMessage` with 61 characters, until the 201. Each connection sends as its own user to its own peer; deliveries run meanwhile',
    bare: 'A row in the object of the sender, and one in that of the receiver after the answer',
  },
  push: {
    title: 'Send, until it is on the peer’s socket',
    service: '`sendMessage`, until the `changes` frame has arrived at the receiver',
    bare: 'The same two rows, and the second as a frame',
  },
  messages: { title: 'Page of 50 messages', service: '`listMessages`', bare: '50 rows by primary key, as many bytes' },
  chats: { title: 'Page of 50 chats', service: '`listChats`', bare: '50 rows by primary key, as many bytes' },
  changes: {
    title: 'Page of 50 changes',
    service: '`listChanges` from the start',
    bare: '50 rows by primary key, as many bytes',
  },
  noop: {
    title: 'Smallest signed-in call',
    service: '`getUnreadCount`: an access token, a call to the mailbox, two numbers',
    bare: 'One HMAC of a token, a call to the object, a constant',
  },
  signIn: {
    title: 'Sign up',
    service: '`sendOtp` with a local code, and `verifyOtp` of a new user',
  },
  upload: { title: 'Upload 1 MB', service: '`uploadFile`' },
  download: { title: 'Download 1 MB', service: '`getFile`' },
  findContacts: {
    title: 'Find 500 contacts',
    service: '`findContacts` with 500 numbers, asked before, of which 64 have an account',
  },
} satisfies Record<string, RowInfo>

export type RowName = keyof typeof rows

export const rowNames = Object.keys(rows) as RowName[]

export const infoOf = (name: RowName): RowInfo => rows[name]
