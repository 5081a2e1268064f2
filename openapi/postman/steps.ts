/** One request of the collection: an operation, called by somebody, that must succeed as the document says. */
export interface Step {
  operationId: string
  /** The status that the document declares and this request must get. */
  status: number
  /** Whose access token it carries: Ana's, unless another is named. */
  as?: 'ben' | 'nobody'
  /** What tells it from other requests of the same operation. */
  note?: string
  params?: Record<string, string>
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: object
  /** A path below the working directory: sent as the field `file` of a form, or as the whole body. */
  form?: string
  file?: string
  /** Environment variables to keep, by where they are in the answer. */
  keep?: Record<string, string>
  /** Variables that get a fresh UUID before the request. */
  fresh?: string[]
  /** Whose tokens the answer holds. */
  signsIn?: 'ana' | 'ben'
  /** Whose tokens are worth nothing after it. */
  signsOut?: 'ana' | 'ben'
  /** What the answer shows once a delivery has come through; until then the request is repeated. */
  until?: string
}

export interface Folder {
  name: string
  steps: Step[]
}

const picture = 'docs/lighthouse.jpg'
const withBen = { chatId: '{{benId}}' }
const withAna = { chatId: '{{anaId}}' }
const device = { platform: 'other', deviceName: 'Postman' }

const signIn = (who: 'ana' | 'ben', note: string): Step[] => [
  {
    operationId: 'sendOtp',
    note,
    as: 'nobody',
    status: 200,
    body: { phoneNumber: `{{${who}PhoneNumber}}` },
    keep: { verificationId: 'verificationId' },
  },
  {
    operationId: 'verifyOtp',
    note,
    as: 'nobody',
    status: 200,
    body: { verificationId: '{{verificationId}}', code: '{{code}}', ...device },
    keep: { [`${who}Id`]: 'user.id' },
    signsIn: who,
  },
]

const authentication: Step[] = [
  ...signIn('ben', 'Ben'),
  ...signIn('ana', 'Ana'),
  {
    operationId: 'refreshTokens',
    as: 'nobody',
    status: 200,
    body: { refreshToken: '{{anaRefreshToken}}' },
    signsIn: 'ana',
  },
  { operationId: 'listSessions', status: 200 },
  { operationId: 'endOtherSessions', status: 204 },
]

const profile: Step[] = [
  { operationId: 'updateMe', status: 200, body: { firstName: 'Ana', lastName: 'Silva', username: 'ana_silva' } },
  { operationId: 'getMe', status: 200 },
  {
    operationId: 'updateMe',
    note: 'Ben',
    as: 'ben',
    status: 200,
    body: { firstName: 'Ben', lastName: 'Costa', username: 'ben_costa' },
  },
  { operationId: 'getUser', status: 200, params: { userId: '{{benId}}' } },
  { operationId: 'findUserByUsername', status: 200, query: { username: 'ben_costa' } },
  {
    operationId: 'reportUser',
    status: 201,
    params: { userId: '{{benId}}' },
    body: { reason: 'other', comment: 'To try it out.' },
  },
]

const contacts: Step[] = [
  { operationId: 'findContacts', status: 200, body: { phoneNumbers: ['{{benPhoneNumber}}', 'not a number'] } },
  {
    operationId: 'saveContact',
    status: 200,
    params: { userId: '{{benId}}' },
    body: { name: 'Ben from the harbour' },
  },
  { operationId: 'listContacts', status: 200 },
  { operationId: 'removeContact', status: 204, params: { userId: '{{benId}}' } },
  { operationId: 'blockUser', status: 200, params: { userId: '{{benId}}' } },
  { operationId: 'listBlocks', status: 200 },
  { operationId: 'unblockUser', status: 204, params: { userId: '{{benId}}' } },
]

const files: Step[] = [
  { operationId: 'uploadFile', note: 'a form', status: 201, form: picture, keep: { fileId: 'id' } },
  {
    operationId: 'uploadFile',
    note: 'the bytes alone',
    status: 201,
    query: { name: 'lighthouse.jpg' },
    headers: { 'Content-Type': 'image/jpeg' },
    file: picture,
    keep: { otherFileId: 'id' },
  },
  { operationId: 'listFiles', status: 200 },
  { operationId: 'getFileInfo', status: 200, params: { fileId: '{{fileId}}' } },
  { operationId: 'getFile', status: 200, params: { fileId: '{{fileId}}' } },
  {
    operationId: 'getFile',
    note: 'the first kilobyte',
    status: 206,
    params: { fileId: '{{fileId}}' },
    headers: { Range: 'bytes=0-1023' },
  },
  { operationId: 'deleteFile', status: 204, params: { fileId: '{{otherFileId}}' } },
]

const question = {
  operationId: 'sendMessage',
  params: withBen,
  body: {
    clientMessageId: '{{clientMessageId}}',
    text: 'Did you see the lighthouse?',
    attachmentFileIds: ['{{fileId}}'],
  },
}

const messages: Step[] = [
  { ...question, status: 201, fresh: ['clientMessageId'], keep: { messageId: 'id' } },
  { ...question, note: 'again, with the same clientMessageId', status: 200 },
  { operationId: 'getMessage', status: 200, params: { ...withBen, messageId: '{{messageId}}' } },
  {
    operationId: 'listMessages',
    note: 'Ben',
    as: 'ben',
    status: 200,
    params: withAna,
    until: "body.items?.some(({ id }) => id === pm.environment.get('messageId'))",
  },
  {
    operationId: 'sendMessage',
    note: 'Ben answers',
    as: 'ben',
    status: 201,
    params: withAna,
    fresh: ['clientMessageId'],
    body: { clientMessageId: '{{clientMessageId}}', text: 'From far away.', replyToId: '{{messageId}}' },
    keep: { replyId: 'id' },
  },
  {
    operationId: 'listMessages',
    note: 'the answer has come',
    status: 200,
    params: withBen,
    until: "body.items?.some(({ id }) => id === pm.environment.get('replyId'))",
  },
  { operationId: 'addReaction', status: 200, params: { ...withBen, messageId: '{{replyId}}', emoji: '👍' } },
  { operationId: 'removeReaction', status: 200, params: { ...withBen, messageId: '{{replyId}}', emoji: '👍' } },
  {
    operationId: 'editMessage',
    status: 200,
    params: { ...withBen, messageId: '{{messageId}}' },
    body: { text: 'Did you see the lighthouse at night?' },
  },
  { operationId: 'searchMessages', status: 200, query: { q: 'lighth' } },
  {
    operationId: 'deleteMessage',
    status: 204,
    params: { ...withBen, messageId: '{{messageId}}' },
    query: { scope: 'everyone' },
  },
]

const chats: Step[] = [
  { operationId: 'listChats', status: 200 },
  { operationId: 'getUnreadCount', status: 200 },
  { operationId: 'getChat', status: 200, params: withBen },
  { operationId: 'markChatRead', status: 200, params: withBen, body: { upToMessageId: '{{replyId}}' } },
  { operationId: 'updateChat', status: 200, params: withBen, body: { pinned: true } },
  { operationId: 'clearChat', status: 204, params: withBen },
]

const realtime: Step[] = [
  { operationId: 'listChanges', note: 'everything', status: 200, keep: { cursor: 'cursor' } },
  { operationId: 'listChanges', note: 'what is new', status: 200, query: { cursor: '{{cursor}}' } },
  { operationId: 'createRealtimeTicket', status: 201, keep: { ticket: 'ticket' } },
  {
    operationId: 'connectRealtime',
    note: 'over HTTP: no WebSocket, so 426',
    as: 'nobody',
    status: 426,
    query: { ticket: '{{ticket}}' },
  },
]

const takenAlong: Step[] = [{ operationId: 'exportMe', status: 200 }]

const signingOut: Step[] = [
  { operationId: 'logout', as: 'ben', status: 204, signsOut: 'ben' },
  {
    operationId: 'endSession',
    note: 'not one’s own, so 404',
    status: 404,
    params: { sessionId: '{{benSessionId}}' },
  },
]

const moving: Step[] = [
  {
    operationId: 'sendOtp',
    note: 'to the new number of Ana',
    status: 200,
    body: { phoneNumber: '{{anaNewPhoneNumber}}', purpose: 'changePhoneNumber' },
    keep: { verificationId: 'verificationId' },
  },
]

const moved: Step[] = [
  { operationId: 'changePhoneNumber', status: 200, body: { verificationId: '{{verificationId}}', code: '{{code}}' } },
]

// Whoever runs the collection again begins from nothing.
const leaving: Step[] = [{ operationId: 'deleteMe', status: 204, signsOut: 'ana' }]

/** Every operation, from the first code to the last logout: each request finds what those before it left. */
export const folders: Folder[] = [
  { name: 'Authentication', steps: authentication },
  { name: 'Profile', steps: profile },
  { name: 'Contacts', steps: contacts },
  { name: 'Files', steps: files },
  { name: 'Messages', steps: messages },
  { name: 'Chats', steps: chats },
  { name: 'Realtime', steps: realtime },
  { name: 'Network', steps: [{ operationId: 'getNetwork', as: 'nobody', status: 200 }] },
  { name: 'System', steps: [{ operationId: 'getHealth', as: 'nobody', status: 200, query: { deep: 'true' } }] },
  { name: 'Profile: everything', steps: takenAlong },
  { name: 'Authentication: a new number', steps: moving },
  { name: 'Profile: a new number', steps: moved },
  { name: 'Authentication: signing out', steps: signingOut },
  { name: 'Profile: leaving', steps: leaving },
]
