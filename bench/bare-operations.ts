import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { attempt, obtain } from '../tests/suites/runtime/http.ts'
import type { Runtime } from '../tests/suites/runtime/runtime.ts'
import { bareSecret } from './bare/secret.ts'
import { render } from './connection.ts'
import type { Operation } from './load.ts'
import { newMessage } from './people.ts'
import { pushing } from './push.ts'
import { at, succeed } from './succeed.ts'

const pageRows = 50
const ring = Array.from({ length: 64 }, (_, index) => `user-${index}`)

const countOf = async ({ origin }: Runtime, user: string) =>
  (await obtain<{ count: number }>(origin, 'GET', `/count/${user}`)).count

const store = ({ origin }: Runtime, user: string, stored: string) =>
  obtain(origin, 'POST', `/send/${user}/nobody`, { body: { text: stored } })

async function sending(runtime: Runtime): Promise<Operation> {
  const expected = await Promise.all(ring.map((user) => countOf(runtime, user)))
  const expectOne = (index: number) => {
    expected[index % ring.length] = (expected[index % ring.length] ?? 0) + 1
  }
  return {
    perform: async (slot) => {
      const path = `/send/${at(ring, slot.index)}/${at(ring, slot.index + 1)}`
      await succeed(slot, render({ method: 'POST', path, body: JSON.stringify({ text: newMessage().text }) }))
      expectOne(slot.index)
      expectOne(slot.index + 1)
    },
    settle: async () => {
      for (const [index, user] of ring.entries()) while ((await countOf(runtime, user)) < (expected[index] ?? 0));
    },
  }
}

const pushingOf = ({ origin }: Runtime): Operation =>
  pushing({
    request: (slot, body) => {
      const path = `/send/${at(ring, slot.index)}/${at(ring, slot.index + 1)}`
      return render({ method: 'POST', path, body: JSON.stringify({ text: body.text }) })
    },
    open: async (index, onText) => {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket/${at(ring, index)}`)
      socket.addEventListener('message', ({ data }) => onText(JSON.parse(String(data)).text))
      await once(socket, 'open')
      return () => socket.close()
    },
  })

const get = (path: string, headers = {}): Operation => {
  const request = render({ method: 'GET', path, headers })
  return { perform: async (slot) => void (await succeed(slot, request)) }
}

/** A page that is as many bytes as one of the service. */
async function page(runtime: Runtime, user: string, bytes: number): Promise<Operation> {
  const { origin } = runtime
  for (let n = 0; n < pageRows; n++) await store(runtime, user, '')
  const empty = (await attempt(origin, 'GET', `/page/${user}`, {})).bytes
  const filled = `${user}-filled`
  const each = Math.floor((bytes - empty) / pageRows)
  for (let n = 0; n < pageRows; n++) {
    const rest = n === 0 ? (bytes - empty) % pageRows : 0
    await store(runtime, filled, 'x'.repeat(each + rest))
  }
  const made = (await attempt(origin, 'GET', `/page/${filled}`, {})).bytes
  if (made !== bytes) throw new Error(`The bare page has ${made} bytes, not ${bytes}`)
  return get(`/page/${filled}`)
}

function noop(): Operation {
  const user = at(ring, 0)
  const token = `${user}.${createHmac('sha256', bareSecret).update(user).digest('base64url')}`
  return get(`/noop/${user}`, { Authorization: `Bearer ${token}` })
}

/** Makes the bare operations; pages have as many bytes as those of the service. */
export async function bareOperations(runtime: Runtime, pageBytes: Record<'messages' | 'chats' | 'changes', number>) {
  return {
    send: await sending(runtime),
    push: pushingOf(runtime),
    messages: await page(runtime, 'messages', pageBytes.messages),
    chats: await page(runtime, 'chats', pageBytes.chats),
    changes: await page(runtime, 'changes', pageBytes.changes),
    noop: noop(),
  }
}
