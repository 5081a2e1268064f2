import { env } from 'cloudflare:workers'

/** What can happen to a call to D1 or R2. One that hangs, before it is made or after, waits for a crash. */
export type StorageFault = 'lost' | 'replyLost' | 'hangsBefore' | 'hangsAfter'

/** Never comes back: for a caller that is going to be aborted. */
export const hang = () => new Promise<never>(() => {})

const storages = {
  'D1 batch': () => [Object.getPrototypeOf(env.DB), 'batch'],
  'R2 delete': () => [Object.getPrototypeOf(env.FILES), 'delete'],
} as const satisfies Record<string, () => [prototype: object, method: string]>

type StorageCall = keyof typeof storages

/** Does this to the first so many calls of a kind, whoever makes them. Call the result to take it off. */
export function faultStorage(kind: StorageCall, fault: StorageFault, times: number) {
  const [prototype, method] = storages[kind]()
  const original = prototype[method]
  const state = { happened: 0, remove: () => Object.assign(prototype, { [method]: original }) }
  Object.assign(prototype, {
    async [method](this: unknown, ...input: unknown[]) {
      if (state.happened >= times) return original.apply(this, input)
      state.happened++
      if (fault === 'hangsBefore') await hang()
      if (fault === 'lost') throw new Error('The call was lost')
      await original.apply(this, input)
      if (fault === 'hangsAfter') await hang()
      throw new Error('The reply was lost')
    },
  })
  return state
}
