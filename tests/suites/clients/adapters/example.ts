// The client of examples/typescript over a real network: two devices, each with its own connection.
import { type ApiClient, apiClient } from '../../../../examples/typescript/client'
import { messenger } from '../../../../examples/typescript/messenger'
import { answer } from '../../../../examples/typescript/problem'
import type { Tokens } from '../../../../examples/typescript/schema'
import { messagesOf } from '../../../../examples/typescript/state'
import { MemoryStore } from '../../../../examples/typescript/store'

type CodeFor = (phoneNumber: string) => Promise<string>

const patienceMs = 30_000

async function until(what: string, holds: () => boolean) {
  for (const end = Date.now() + patienceMs; !holds(); await new Promise((resolve) => setTimeout(resolve, 20)))
    if (Date.now() > end) throw new Error(`Not so after ${patienceMs} ms: ${what}`)
}

async function signIn(origin: string, phoneNumber: string, codeFor: CodeFor) {
  let held: Tokens | undefined
  const tokens = {
    load: () => held,
    save: (fresh: Tokens) => {
      held = fresh
    },
    clear: () => {
      held = undefined
    },
  }
  const client = apiClient({ origin, tokens, onSignedOut: () => {} })
  const { verificationId } = await answer(client.http.POST('/v1/auth/otp', { body: { phoneNumber } }))
  const body = { verificationId, code: await codeFor(phoneNumber) }
  const { tokens: first, user } = await answer(client.http.POST('/v1/auth/otp/verify', { body }))
  await client.session.begin(first)
  return { client, id: user.id }
}

function connect(origin: string, client: ApiClient) {
  const store = new MemoryStore()
  const sockets: WebSocket[] = []
  const states: string[] = []
  const open = (url: string) => {
    const socket = new WebSocket(url)
    sockets.push(socket)
    return socket
  }
  const chat = messenger({ client, origin, store, open, onState: (state) => states.push(state) })
  return { store, sockets, states, chat, code: chat.run() }
}

const subscriber = 2_000_000 + Math.floor(Math.random() * 7_000_000)

/** Yields the name of each step that passes; the first failure ends it. */
export async function* steps(origin: string, codeFor: CodeFor) {
  const ana = await signIn(origin, `+1202${subscriber}`, codeFor)
  const ben = await signIn(origin, `+1202${subscriber + 1}`, codeFor)
  const [anas, bens] = [connect(origin, ana.client), connect(origin, ben.client)]
  await until('both are live', () => [anas, bens].every(({ states }) => states.includes('live')))
  yield 'connects with a ticket'

  const file = await ana.client.upload(new Blob(['a picture'], { type: 'text/plain' }), 'picture.txt')
  await anas.chat.outbox.send(ben.id, { text: 'Look!', attachmentFileIds: [file.id] })
  await anas.chat.outbox.send(ben.id, { text: 'Well?' })
  const textsOfBen = () => messagesOf(bens.store.state, ana.id).map(({ text }) => text)
  await until('both messages are there', () => textsOfBen().join() === 'Look!,Well?' && anas.store.outbox.size === 0)
  yield 'sends an upload and a text, which arrive over the socket'

  const acceptance = { params: { path: { chatId: ana.id } }, body: { accepted: true } }
  await answer(ben.client.http.PATCH('/v1/chats/{chatId}', acceptance))
  const [, last] = messagesOf(bens.store.state, ana.id)
  await bens.chat.realtime.ask({ type: 'markRead', chatId: ana.id, upToMessageId: last?.id ?? '' })
  const statuses = () => messagesOf(anas.store.state, ben.id).map(({ status }) => status)
  await until('both are read', () => statuses().join() === 'read,read')
  yield 'sees them read once the chat is accepted'

  bens.sockets.at(-1)?.close()
  await anas.chat.outbox.send(ben.id, { text: 'Are you there?' })
  await until('the third message is there', () => textsOfBen().join() === 'Look!,Well?,Are you there?')
  await until('there was a second connection', () => bens.sockets.length >= 2)
  yield 'reconnects and goes on where it was'

  await ben.client.signOut()
  if ((await bens.code) !== 4401) throw new Error('The session did not end')
  anas.chat.stop()
  if ((await anas.code) !== 1000) throw new Error('It did not stop')
  yield 'ends with the session, and when it is told to'
}
