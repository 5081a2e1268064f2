import type { Operation, Slot } from './load.ts'
import { newMessage } from './people.ts'
import { succeed } from './succeed.ts'

interface Pushed {
  request: (slot: Slot, message: ReturnType<typeof newMessage>) => Buffer
  /** Opens the socket of the user to whom the slot before sends; resolves to what closes it. */
  open: (index: number, onText: (text: string) => void) => Promise<() => void>
}

/** Sends a message, and waits until it has been answered and has come over the socket of the receiver. */
export function pushing({ request, open }: Pushed): Operation {
  const arrivals = new Map<string, () => void>()
  const onText = (text: string) => {
    arrivals.get(text)?.()
    arrivals.delete(text)
  }
  return {
    prepare: async (connections) => {
      const close = await Promise.all(Array.from({ length: connections }, (_, index) => open(index + 1, onText)))
      return () => {
        for (const each of close) each()
      }
    },
    perform: async (slot) => {
      const message = newMessage()
      const { promise, resolve } = Promise.withResolvers<void>()
      arrivals.set(message.text, resolve)
      await Promise.all([succeed(slot, request(slot, message)), promise])
    },
  }
}
