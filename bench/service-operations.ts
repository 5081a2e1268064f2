import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { UnreadCount } from '../schemas/chat.ts'
import type { Ticket } from '../schemas/realtime.ts'
import { obtain } from '../tests/suites/runtime/http.ts'
import { openRealtime } from '../tests/suites/runtime/realtime.ts'
import type { Runtime } from '../tests/suites/runtime/runtime.ts'
import type { SignedInUser } from '../tests/suites/runtime/sign-in.ts'
import { type HttpRequest, render } from './connection.ts'
import type { Operation } from './load.ts'
import { freshNumber, newMessage, numberOf, type People } from './people.ts'
import { pushing } from './push.ts'
import { at, succeed } from './succeed.ts'

const fileBytes = 2 ** 20
const numbersAsked = 500
const pageLimit = 50

const authorized = ({ token }: SignedInUser) => ({ Authorization: `Bearer ${token}` })

const requestOf = (user: SignedInUser, request: HttpRequest) =>
  render({ ...request, headers: { ...authorized(user), ...request.headers } })

export const get = (user: SignedInUser, path: string): Operation => {
  const request = requestOf(user, { method: 'GET', path })
  return { perform: async (slot) => void (await succeed(slot, request)) }
}

/** Every connection sends as the same user. */
export const sendingOne = (from: SignedInUser, to: SignedInUser): Operation => ({
  perform: async (slot) => {
    const body = JSON.stringify(newMessage())
    await succeed(slot, requestOf(from, { method: 'POST', path: `/v1/chats/${to.id}/messages`, body }))
  },
})

/** Each connection sends as its own user to the next. */
async function sending({ origin }: Runtime, { ring }: People): Promise<Operation> {
  const unread = async (user: SignedInUser) =>
    (await obtain<UnreadCount>(origin, 'GET', '/v1/chats/unread-count', { token: user.token })).messages
  const expected = await Promise.all(ring.map(unread))
  return {
    perform: async (slot) => {
      const body = JSON.stringify(newMessage())
      const path = `/v1/chats/${at(ring, slot.index + 1).id}/messages`
      await succeed(slot, requestOf(at(ring, slot.index), { method: 'POST', path, body }))
      const receiver = (slot.index + 1) % ring.length
      expected[receiver] = (expected[receiver] ?? 0) + 1
    },
    settle: async () => {
      for (const [index, user] of ring.entries()) while ((await unread(user)) < (expected[index] ?? 0));
    },
  }
}

const pushingOf = ({ origin }: Runtime, { ring }: People): Operation =>
  pushing({
    request: (slot, message) => {
      const path = `/v1/chats/${at(ring, slot.index + 1).id}/messages`
      return requestOf(at(ring, slot.index), { method: 'POST', path, body: JSON.stringify(message) })
    },
    open: async (index, onText) => {
      const { token } = at(ring, index)
      const { ticket } = await obtain<Ticket>(origin, 'POST', '/v1/realtime/tickets', { token })
      const caughtUp = Promise.withResolvers<void>()
      const client = openRealtime({ origin, ticket, cursor: undefined }, (_, frame) => {
        if (frame?.type === 'caughtUp') caughtUp.resolve()
        if (frame?.type !== 'changes') return
        for (const message of frame.changes.messages) onText(message.text)
        client.confirm(frame.changes.cursor)
      })
      await caughtUp.promise
      return () => client.close()
    },
  })

/** Signs somebody up: asks for a code, reads it in the worker's log, and enters it. */
const signingIn = (runtime: Runtime): Operation => ({
  perform: async (slot) => {
    const phoneNumber = freshNumber()
    const post = async (path: string, body: object) =>
      JSON.parse(String(await succeed(slot, render({ method: 'POST', path, body: JSON.stringify(body) }))))
    const { verificationId } = await post('/v1/auth/otp', { phoneNumber })
    while (!runtime.codes.has(phoneNumber)) await setImmediate()
    await post('/v1/auth/otp/verify', { verificationId, code: runtime.codes.get(phoneNumber) })
  },
})

const bytes = createHash('shake256', { outputLength: fileBytes }).update('a file').digest()

const upload = (user: SignedInUser) => requestOf(user, { method: 'POST', path: '/v1/files?name=a.bin', body: bytes })

const uploading = ({ ring }: People): Operation => {
  const requests = ring.map(upload)
  return { perform: async (slot) => void (await succeed(slot, at(requests, slot.index))) }
}

async function downloading({ origin }: Runtime, { reader }: People): Promise<Operation> {
  const init = { method: 'POST', headers: authorized(reader), body: bytes }
  const response = await fetch(`${origin}/v1/files?name=a.bin`, init)
  const { id } = JSON.parse(await response.text())
  return get(reader, `/v1/files/${id}`)
}

/** An address book that is uploaded again and again. Those who sign up meanwhile are not in it. */
function finding({ reader, ring }: People): Operation {
  const phoneNumbers = Array.from({ length: numbersAsked }, (_, index) =>
    index < ring.length ? numberOf(index) : `+49152${10_000_000 + index}`,
  )
  const request = requestOf(reader, {
    method: 'POST',
    path: '/v1/contacts/find',
    body: JSON.stringify({ phoneNumbers }),
  })
  return { perform: async (slot) => void (await succeed(slot, request)) }
}

export const pagePaths = ({ longChatId }: People) => ({
  messages: `/v1/chats/${longChatId}/messages?limit=${pageLimit}`,
  chats: `/v1/chats?limit=${pageLimit}`,
  changes: `/v1/changes?limit=${pageLimit}`,
})

/** What the service is measured by, by name. */
export async function serviceOperations(runtime: Runtime, people: People) {
  const paths = pagePaths(people)
  return {
    send: await sending(runtime, people),
    push: pushingOf(runtime, people),
    messages: get(people.reader, paths.messages),
    chats: get(people.reader, paths.chats),
    changes: get(people.reader, paths.changes),
    noop: get(people.reader, '/v1/chats/unread-count'),
    signIn: signingIn(runtime),
    upload: uploading(people),
    download: await downloading(runtime, people),
    findContacts: finding(people),
  }
}
