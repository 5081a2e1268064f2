import { env } from 'cloudflare:workers'

/** What can happen to a call to D1 or R2. One that hangs, before it is made or after, waits for a crash. */
export type StorageFault = 'lost' | 'replyLost' | 'hangsBefore' | 'hangsAfter'

/** Never resolves: for a caller that will be aborted. */
export const hang = () => new Promise<never>(() => {})

const storages = {
  'D1 batch': () => [Object.getPrototypeOf(env.DB), 'batch'],
  'R2 delete': () => [Object.getPrototypeOf(env.FILES), 'delete'],
} as const satisfies Record<string, () => [prototype: object, method: string]>

type StorageCall = keyof typeof storages

// D1's words for a transient error; R2 has none.
const words = { 'D1 batch': 'D1_ERROR: Network connection lost.', 'R2 delete': 'The call was lost' }

/** Applies the fault to `times` calls of a kind, whoever makes them, after `spared` calls. `remove` takes it off. */
export function faultStorage(kind: StorageCall, fault: StorageFault, times: number, spared = 0) {
  const [prototype, method] = storages[kind]()
  const original = prototype[method]
  const state = { happened: 0, remove: () => Object.assign(prototype, { [method]: original }) }
  let calls = 0
  Object.assign(prototype, {
    async [method](this: unknown, ...input: unknown[]) {
      calls++
      if (calls <= spared || state.happened >= times) return original.apply(this, input)
      state.happened++
      if (fault === 'hangsBefore') await hang()
      if (fault === 'lost') throw new Error(words[kind])
      await original.apply(this, input)
      if (fault === 'hangsAfter') await hang()
      throw new Error(words[kind])
    },
  })
  return state
}
