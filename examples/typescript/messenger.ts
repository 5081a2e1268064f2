import type { ApiClient } from './client.js'
import { History } from './history.js'
import { Outbox } from './outbox.js'
import { answer } from './problem.js'
import { Realtime, type RealtimeOptions, sessionEnded } from './realtime.js'
import { guarded, report } from './report.js'

export interface MessengerOptions extends Omit<RealtimeOptions, 'createTicket'> {
  client: Pick<ApiClient, 'http' | 'session'>
}

/** The connection, the outbox and the history of one signed-in user, together. */
export function messenger({ client: { http, session }, onState, ...options }: MessengerOptions) {
  const onError = guarded(options.onError ?? report)
  const realtime = new Realtime({
    ...options,
    createTicket: (signal) => answer(http.POST('/v1/realtime/tickets', { signal })),
    onState(state) {
      if (state === 'live') {
        outbox.resume().catch(onError)
        outbox.wake()
      }
      return onState?.(state)
    },
  })
  const outbox = new Outbox({
    ...options,
    ask: (frame) => realtime.ask(frame),
    post: (chatId, body, signal) =>
      answer(http.POST('/v1/chats/{chatId}/messages', { params: { path: { chatId } }, body, signal })),
  })
  return {
    realtime,
    outbox,
    history: new History({ http, store: options.store }),
    /** Like `Realtime.run`, and sends the messages that are waiting. */
    async run(): Promise<number> {
      outbox.resume().catch(onError)
      const code = await realtime.run()
      if (!realtime.isRunning) outbox.stop()
      // A call is refused as well, and its handling signs the user out: there is no need to repeat that here.
      if (code === sessionEnded) await http.GET('/v1/me').catch(() => undefined)
      return code
    },
    /** Like `Realtime.wake`, for everything that is under way or waits. */
    wake() {
      session.wake()
      realtime.wake()
      outbox.wake()
    },
    /** Ends the run: nothing is sent or received until the next one. */
    stop() {
      realtime.stop()
      outbox.stop()
    },
  }
}
