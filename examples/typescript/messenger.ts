import type { ApiClient } from './client'
import { Outbox } from './outbox'
import { answer } from './problem'
import { Realtime, type RealtimeOptions, sessionEnded } from './realtime'

export interface MessengerOptions extends Omit<RealtimeOptions, 'createTicket'> {
  client: Pick<ApiClient, 'http'>
}

/** The connection and the outbox of one signed-in user, together. */
export function messenger({ client: { http }, onState, ...options }: MessengerOptions) {
  const realtime = new Realtime({
    ...options,
    createTicket: () => answer(http.POST('/v1/realtime/tickets')),
    onState(state) {
      if (state === 'live') outbox.wake()
      onState?.(state)
    },
  })
  const outbox = new Outbox({
    store: options.store,
    ask: (frame) => realtime.ask(frame),
    post: (chatId, body) => answer(http.POST('/v1/chats/{chatId}/messages', { params: { path: { chatId } }, body })),
  })
  return {
    realtime,
    outbox,
    /** Like `Realtime.run`, and sends the messages that are waiting. */
    async run(): Promise<number> {
      await outbox.resume()
      const code = await realtime.run().finally(() => outbox.stop())
      // A call is refused as well, and its handling signs the user out: there is no need to repeat that here.
      if (code === sessionEnded) await http.GET('/v1/me').catch(() => undefined)
      return code
    },
    wake() {
      realtime.wake()
      outbox.wake()
    },
    stop: () => realtime.stop(),
  }
}
