// Devices that use the client that apps copy (examples/typescript), against the worker, over a network of the test's.
import { expect, onTestFinished } from 'vitest'
import { type ApiClient, apiClient } from '../../examples/typescript/client'
import { type MessengerOptions, messenger } from '../../examples/typescript/messenger'
import { answer } from '../../examples/typescript/problem'
import type { ConnectionState, ServerFrame } from '../../examples/typescript/realtime'
import type { Tokens } from '../../examples/typescript/schema'
import { messagesOf } from '../../examples/typescript/state'
import { MemoryStore, type OutboxKeeper } from '../../examples/typescript/store'
import type { Timing } from '../../examples/typescript/timing'
import { baseUrl } from './call'
import { Network } from './network'
import { codeFor, newPhoneNumber, type TestUser } from './users'

class KeptTokens {
  tokens: Tokens | undefined
  saves = 0
  load = () => this.tokens
  save = (tokens: Tokens) => {
    this.tokens = tokens
    this.saves++
  }
  clear = () => {
    this.tokens = undefined
  }
}

export interface Device extends TestUser {
  network: Network
  tokens: KeptTokens
  client: ApiClient
  ended: number
}

/** Signs in with the client, as an app would. */
export async function signedIn(phoneNumber = newPhoneNumber(), timing?: Partial<Timing>): Promise<Device> {
  const [network, tokens] = [new Network(), new KeptTokens()]
  const client = apiClient({
    origin: baseUrl,
    tokens,
    fetch: network.fetch,
    timing,
    onSignedOut: () => {
      device.ended++
    },
  })
  const nobody = { id: '', accessToken: '', refreshToken: '', sessionId: '' }
  const device: Device = { ...nobody, phoneNumber, network, tokens, client, ended: 0 }
  const { verificationId } = await answer(client.http.POST('/v1/auth/otp', { body: { phoneNumber } }))
  const body = { verificationId, code: codeFor(phoneNumber) }
  const { tokens: first, user } = await answer(client.http.POST('/v1/auth/otp/verify', { body }))
  await client.session.begin(first)
  return Object.assign(device, first, { id: user.id })
}

export interface Chatting extends Device {
  store: MemoryStore
  frames: ServerFrame[]
  states: ConnectionState[]
  /** What was reported of the app's own code. */
  errors: unknown[]
  chat: ReturnType<typeof messenger>
  /** The code that `run` ends with. */
  code: Promise<number>
}

/** The options of the messenger that a test can choose, and a keeper of the outbox. */
interface Chosen extends Partial<Omit<MessengerOptions, 'client' | 'open'>> {
  keeper?: OutboxKeeper | undefined
}

/** Starts a messenger on a device; it stops with the test. */
export function startChat(device: Device, { keeper, ...chosen }: Chosen = {}): Chatting {
  const store = new MemoryStore(undefined, keeper)
  const [frames, states, errors]: [ServerFrame[], ConnectionState[], unknown[]] = [[], [], []]
  const chat = messenger({
    client: device.client,
    origin: baseUrl,
    store,
    open: device.network.open,
    onFrame: (frame) => frames.push(frame),
    onState: (state) => states.push(state),
    onError: (error) => errors.push(error),
    ...chosen,
  })
  onTestFinished(() => chat.stop())
  return Object.assign(device, { store, frames, states, errors, chat, code: chat.run() })
}

export const untilLive = ({ frames }: Chatting, times = 1) =>
  expect.poll(() => frames.filter(({ type }) => type === 'caughtUp').length).toBe(times)

export async function chatting(chosen: Chosen = {}): Promise<Chatting> {
  const started = startChat(await signedIn(undefined, chosen.timing), chosen)
  await untilLive(started)
  return started
}

export const textsOf = ({ store }: Chatting, { id }: { id: string }) =>
  messagesOf(store.state, id).map(({ text }) => text)
