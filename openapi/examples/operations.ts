import type { Tokens } from '../../schemas/authentication'
import type { Network } from '../../schemas/network'
import type { Report } from '../../schemas/report'
import type { InputError, ProblemCode } from '../../src/core/errors'
import { answer, answerId, attachment, changes, chat, chatRead, clientMessageId, question, read } from './conversation'
import {
  ana,
  anaId,
  anaNumber,
  ben,
  benId,
  benNumber,
  contact,
  newcomer,
  otherSession,
  otherSessionId,
  picture,
  session,
  sessionId,
  verificationId,
} from './people'

export interface Example {
  summary: string
  value: unknown
}

export interface OperationExamples {
  /** Where the example of a parameter's schema would tell another story. */
  parameters?: Record<string, string>
  body?: Record<string, Example>
  /** By status. */
  responses?: Record<string, Record<string, Example>>
  /** What the operation is most likely to refuse, as it says it. */
  problem: ProblemExample
  /** An input that it refuses for its shape, where no other would do. */
  mistake?: InputError
}

export interface ProblemExample {
  code: ProblemCode
  detail?: string
  errors?: InputError[]
}

const one = (summary: string, value: unknown) => ({ example: { summary, value } })
const page = (...items: object[]) => ({ items, nextCursor: null })
const refusal = (code: ProblemCode, pointer: string, detail: string) => ({
  code,
  detail,
  errors: [{ pointer, code, detail }],
})

/** The problem that names one part of the input. */
export const inputProblem = (error: InputError): ProblemExample => ({
  code: 'invalid_request',
  detail: `${error.pointer}: ${error.detail}`,
  errors: [error],
})

export const tooHigh = { pointer: '/query/limit', code: 'too_big', detail: 'Too big: expected number to be <=200' }
const limitTooHigh = inputProblem(tooHigh)
const notAUser = inputProblem({ pointer: '/path/userId', code: 'invalid_format', detail: 'The id of a user.' })
const textTooLong = { pointer: '/text', code: 'too_big', detail: 'At most 16000 characters.' }
const notASwitch = (name: string) => ({
  pointer: `/query/${name}`,
  code: 'invalid_value',
  detail: 'Invalid option: expected one of "true"|"false"',
})

const tokens: Tokens = {
  tokenType: 'Bearer',
  accessToken: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMDEifQ.c2lnbmF0dXJl',
  accessTokenExpiresAt: '2026-11-24T09:30:00.000Z',
  refreshToken: `rt_${anaId}.${sessionId}.0.n2Jb8pQ4mXyT5cV7rL1zK0wE9sA3dF6gH2jU8iO4pBk`,
  refreshTokenExpiresAt: '2026-12-24T09:20:00.000Z',
  sessionId,
}

const refreshed: Tokens = {
  ...tokens,
  accessTokenExpiresAt: '2026-11-24T09:39:00.000Z',
  refreshToken: `rt_${anaId}.${sessionId}.1.Zq7Wm2Xn9Bv4Cs1Lk6Jh3Gf8Dd5Sa0Po2Iu7Yt4Re1W`,
  refreshTokenExpiresAt: '2026-12-24T09:29:00.000Z',
}

const network: Network = {
  ip: '203.0.113.7',
  country: 'PT',
  isEU: true,
  region: 'Lisbon',
  city: 'Lisbon',
  continent: 'EU',
  timezone: 'Europe/Lisbon',
  asn: 64_496,
  asOrganization: 'Example Telecom',
  colo: 'LIS',
  httpProtocol: 'HTTP/2',
  tlsVersion: 'TLSv1.3',
  tlsCipher: 'AEAD-AES128-GCM-SHA256',
  clientTcpRttMs: 18,
  userAgent: 'curl/8.5.0',
}

const report: Report = {
  id: 'rep_01KAT5SG2D8N4B7V1C6X9Z3M5K',
  userId: benId,
  reason: 'spam',
  comment: 'Nothing but lighthouses.',
  messageIds: [answerId],
  createdAt: '2026-11-24T09:45:00.000Z',
}

const block = { userId: benId, createdAt: '2026-11-24T10:00:00.000Z' }
const edited = { ...question, text: 'Did you see the lighthouse at night?', editedAt: '2026-11-24T09:32:00.000Z' }

/** What each operation looks like, told as one story: Ana signs in and writes to Ben. */
export const operationExamples: Record<string, OperationExamples> = {
  sendOtp: {
    body: {
      international: { summary: 'A number in E.164', value: { phoneNumber: anaNumber } },
      national: {
        summary: 'A number as people write it, and a call in their language',
        value: { phoneNumber: '912 345 678', region: 'PT', channel: 'call', locale: 'pt' },
      },
      newNumber: {
        summary: 'A number to change to, by somebody who is signed in',
        value: { phoneNumber: anaNumber, purpose: 'changePhoneNumber' },
      },
    },
    responses: {
      200: one('A code is on its way to Ana', {
        verificationId,
        phoneNumber: anaNumber,
        channel: 'sms',
        expiresAt: '2026-11-24T09:29:30.000Z',
        resendAt: '2026-11-24T09:20:30.000Z',
        channels: ['sms', 'call', 'whatsapp'],
        checksLeft: 5,
      }),
    },
    problem: refusal(
      'phone_number_invalid',
      '/phoneNumber',
      'Write it with a plus sign and the country code, or give the region of the national form.',
    ),
  },
  verifyOtp: {
    body: one('The code that Ana received', {
      verificationId,
      code: '482913',
      deviceName: session.deviceName,
      platform: session.platform,
    }),
    responses: {
      200: {
        newUser: { summary: 'Ana is here for the first time', value: { tokens, user: newcomer, isNewUser: true } },
        knownUser: { summary: 'Ana is back', value: { tokens, user: ana, isNewUser: false } },
      },
    },
    problem: { code: 'otp_wrong' },
  },
  refreshTokens: {
    body: one('The refresh token last received', { refreshToken: tokens.refreshToken }),
    responses: { 200: one('The pair that replaces it', refreshed) },
    problem: { code: 'refresh_token_reused' },
  },
  logout: { problem: { code: 'session_ended' } },
  listSessions: {
    responses: {
      200: one('Ana’s phone, and the browser that she forgot', page(session, otherSession)),
    },
    problem: { code: 'access_token_expired' },
  },
  endSession: { parameters: { sessionId: otherSessionId }, problem: { code: 'session_not_found' } },
  endOtherSessions: { problem: { code: 'access_token_expired' } },

  getMe: { responses: { 200: one('Ana', ana) }, problem: { code: 'access_token_expired' } },
  updateMe: {
    body: {
      names: {
        summary: 'A name and a username',
        value: { username: ana.username, firstName: ana.firstName, lastName: ana.lastName },
      },
      picture: { summary: 'A profile picture', value: { avatarFileId: picture.id } },
      clear: { summary: 'The line about oneself taken off', value: { about: null } },
      hidden: { summary: 'Not to be found by one’s number any more', value: { discoverable: false } },
    },
    responses: { 200: one('Ana', ana) },
    problem: refusal('username_taken', '/username', 'Somebody else has this username.'),
  },
  exportMe: {
    responses: {
      200: one('Ana has written to Ben, and he to her', {
        exportedAt: '2026-11-24T10:30:00.000Z',
        profile: ana,
        sessions: [session],
        contacts: [contact],
        blocks: [],
        chats: [chatRead],
        messages: [read, answer],
        files: [picture],
        reports: [report],
      }),
    },
    problem: { code: 'access_token_expired' },
  },
  changePhoneNumber: {
    body: one('The code that was sent to the new number', { verificationId, code: '482913' }),
    responses: {
      200: one('Ana, with her new number', {
        ...ana,
        phoneNumber: '+351912345699',
        updatedAt: '2026-11-24T09:40:00.000Z',
      }),
    },
    problem: { code: 'phone_number_taken' },
  },
  deleteMe: { problem: { code: 'session_ended' } },
  getUser: {
    parameters: { userId: benId },
    responses: { 200: one('Ben', ben) },
    problem: { code: 'user_not_found' },
  },
  findUserByUsername: {
    parameters: { username: 'ben_costa' },
    responses: {
      200: {
        found: { summary: 'Ben', value: page(ben) },
        nobody: { summary: 'Nobody has this username', value: page() },
      },
    },
    problem: inputProblem({ pointer: '/query/username', code: 'invalid_format', detail: '3 to 32 of a-z, 0-9 and _.' }),
  },
  reportUser: {
    parameters: { userId: benId },
    body: {
      message: {
        summary: 'A reason, a word about it, and the message that shows it',
        value: { reason: report.reason, comment: report.comment, messageIds: report.messageIds },
      },
      plain: { summary: 'The reason alone', value: { reason: 'spam' } },
    },
    responses: { 201: one('The report is kept', report), 200: one('It was kept a moment ago', report) },
    problem: { code: 'user_not_found' },
  },

  findContacts: {
    body: one('Three lines of Ana’s address book', {
      phoneNumbers: [benNumber, '+351912345680', 'not a number'],
      region: 'PT',
    }),
    responses: {
      200: one('One of them is Ben', {
        matches: [{ phoneNumber: benNumber, user: ben }],
        invalid: ['not a number'],
      }),
    },
    problem: refusal('phone_number_invalid', '/region', 'No region with telephone numbers has this code.'),
  },
  listContacts: { responses: { 200: one('Ben alone', page(contact)) }, problem: limitTooHigh },
  saveContact: {
    parameters: { userId: benId },
    body: one('Ben, as Ana calls him', { name: contact.name }),
    responses: { 200: one('Ben is a contact', contact) },
    problem: { code: 'user_not_found' },
  },
  removeContact: {
    parameters: { userId: benId },
    problem: notAUser,
  },
  listBlocks: { responses: { 200: one('Ben alone', page(block)) }, problem: limitTooHigh },
  blockUser: {
    parameters: { userId: benId },
    responses: { 200: one('Ben is blocked', block) },
    problem: { code: 'user_not_found' },
  },
  unblockUser: {
    parameters: { userId: benId },
    problem: notAUser,
  },

  listChats: { responses: { 200: one('The chat with Ben, his answer unread', page(chat)) }, problem: limitTooHigh },
  getUnreadCount: {
    responses: { 200: one('Ben’s answer', { messages: 1, chats: 1 }) },
    problem: { code: 'access_token_expired' },
  },
  getChat: {
    responses: { 200: one('The chat with Ben, his answer unread', chat) },
    problem: { code: 'chat_not_found' },
  },
  updateChat: {
    body: {
      pin: {
        summary: 'Pinned, and muted until Christmas Eve',
        value: { pinned: true, mutedUntil: '2026-12-24T18:00:00.000Z' },
      },
      archive: { summary: 'Put away', value: { archived: true } },
    },
    responses: {
      200: one('Pinned and muted', {
        ...chat,
        pinned: true,
        mutedUntil: '2026-12-24T18:00:00.000Z',
        updatedAt: '2026-11-24T09:31:00.000Z',
      }),
    },
    problem: { code: 'chat_not_found' },
  },
  clearChat: { problem: { code: 'chat_not_found' } },
  markChatRead: {
    body: one('Up to Ben’s answer', { upToMessageId: answerId }),
    responses: { 200: one('Nothing is unread', chatRead) },
    problem: { code: 'message_not_found' },
  },

  listMessages: {
    responses: { 200: one('The question and its answer', page(answer, read)) },
    problem: { code: 'chat_not_found' },
  },
  sendMessage: {
    mistake: textTooLong,
    body: {
      text: { summary: 'A text', value: { clientMessageId, text: question.text } },
      picture: {
        summary: 'A picture without a word',
        value: { clientMessageId: 'c0ffee00-1d2e-4f3a-8b4c-5d6e7f809101', attachmentFileIds: [picture.id] },
      },
      reply: {
        summary: 'An answer to a message',
        value: { clientMessageId: 'c0ffee00-1d2e-4f3a-8b4c-5d6e7f809102', text: 'So close!', replyToId: answerId },
      },
    },
    responses: {
      201: {
        text: { summary: 'A text', value: question },
        picture: {
          summary: 'A picture without a word',
          value: {
            ...question,
            id: 'msg_01KAT5RD4C7M2Q6V9Z3H8K1N5T',
            clientMessageId: 'c0ffee00-1d2e-4f3a-8b4c-5d6e7f809101',
            text: '',
            attachments: [attachment],
            createdAt: '2026-11-24T09:30:40.000Z',
          },
        },
      },
      200: one('It was stored before, and has been read since', read),
    },
    problem: { code: 'chat_not_found' },
  },
  getMessage: {
    responses: { 200: one('The question, read by now', read) },
    problem: { code: 'message_not_found' },
  },
  editMessage: {
    body: one('A new text', { text: edited.text }),
    responses: { 200: one('The question, edited', { ...edited, status: 'read' }) },
    problem: inputProblem(textTooLong),
  },
  deleteMessage: { problem: { code: 'not_the_author' } },
  searchMessages: {
    responses: { 200: one('Where it says “lighthouse”', page(read)) },
    problem: inputProblem({ pointer: '/query/q', code: 'too_big', detail: 'At most 100 characters.' }),
  },
  addReaction: {
    parameters: { messageId: answerId },
    responses: {
      200: one('Ana likes Ben’s answer', { ...answer, reactions: [{ emoji: '👍', userIds: [anaId] }] }),
    },
    problem: inputProblem({ pointer: '/path/emoji', code: 'custom', detail: 'One emoji.' }),
  },
  removeReaction: {
    parameters: { messageId: answerId },
    responses: { 200: one('Ana has taken it back', answer) },
    problem: { code: 'message_not_found' },
  },

  listChanges: {
    responses: {
      200: {
        news: { summary: 'Ben has answered', value: changes },
        signedIn: {
          summary: 'Somebody has signed in as Ana, with a browser',
          value: {
            ...changes,
            messages: [],
            chats: [],
            sessions: [{ sessionId: otherSessionId, session: otherSession }],
          },
        },
        nothing: { summary: 'Nothing new', value: { ...changes, messages: [], chats: [] } },
      },
    },
    problem: limitTooHigh,
  },
  createRealtimeTicket: {
    responses: {
      201: one('A ticket of Ana’s', {
        ticket: `tk_${anaId}.q3Zk0cE2vY1sX8nB5mL7tR4wJ6hG9dF0aP2uI1oK3xE`,
        expiresAt: '2026-11-24T09:30:30.000Z',
      }),
    },
    problem: { code: 'access_token_expired' },
  },
  connectRealtime: {
    responses: { 101: { answer: { summary: 'Ben has answered', value: { type: 'changes', changes } } } },
    problem: { code: 'ticket_invalid' },
    mistake: { pointer: '/query/ticket', code: 'too_big', detail: 'Too big: expected string to have <=128 characters' },
  },

  uploadFile: {
    responses: { 201: one('A picture', picture) },
    problem: { code: 'payload_too_large', detail: 'A file has at most 99614720 bytes.' },
    mistake: {
      pointer: '/query/name',
      code: 'invalid_format',
      detail: 'A name without slashes and control characters.',
    },
  },
  listFiles: {
    responses: {
      200: one('One picture', {
        ...page(picture),
        usage: { bytes: picture.size, bytesMax: 5_368_709_120, files: 1 },
      }),
    },
    problem: limitTooHigh,
  },
  getFile: { problem: { code: 'file_not_found' } },
  getFileInfo: { responses: { 200: one('A picture', picture) }, problem: { code: 'file_not_found' } },
  deleteFile: { problem: { code: 'file_in_use' } },

  getNetwork: {
    responses: {
      200: {
        plain: { summary: 'A connection in Lisbon', value: network },
        precise: {
          summary: 'With `precise=true`',
          value: { ...network, precise: { latitude: 38.72, longitude: -9.14, postalCode: '1000-001' } },
        },
      },
    },
    problem: inputProblem(notASwitch('precise')),
  },
  getHealth: {
    responses: { 200: one('All is well', { status: 'ok' }) },
    problem: { code: 'service_unavailable' },
    mistake: notASwitch('deep'),
  },
}
