import type { ApiClient } from './client.js'
import { Groups } from './groups.js'
import { History } from './history.js'
import { Outbox } from './outbox.js'
import { answer } from './problem.js'
import { type Ask, Realtime, type RealtimeOptions, sessionEnded } from './realtime.js'
import { guarded, report } from './report.js'

export interface MessengerOptions extends Omit<RealtimeOptions, 'createTicket' | 'groups'> {
  client: Pick<ApiClient, 'http' | 'session'>
}

/** The connection, the groups, the outbox and the history of one signed-in user, together. */
export function messenger({ client: { http, session }, onState, ...options }: MessengerOptions) {
  const onError = guarded(options.onError ?? report)
  const realtime: Realtime = new Realtime({
    ...options,
    createTicket: (signal) => answer(http.POST('/v1/realtime/tickets', { signal })),
    groups: { apply: (frame) => groups.apply(frame), applied: (changes) => groups.applied(changes) },
    onState(state) {
      if (state === 'live') {
        outbox.resume().catch(onError)
        outbox.wake()
        groups.resume().catch(onError)
      } else if (state === 'offline') groups.pause()
      return onState?.(state)
    },
  })
  const ask = (frame: Ask) => realtime.ask(frame)
  const groups: Groups = new Groups({ ...options, ask })
  const outbox = new Outbox({
    ...options,
    ask,
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
      groups.wake()
      outbox.wake()
    },
    /** Ends the run: nothing is sent or received until the next one. */
    stop() {
      realtime.stop()
      outbox.stop()
    },
  }
}
