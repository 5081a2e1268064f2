import { saidBy } from './problems'
import { toasts } from './toasts'

/** The effect arrives as a change; an error is shown in a toast. */
export function orTell<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((error) => {
    toasts.show(saidBy(error))
    return undefined
  })
}

/** For actions without a result: whether it succeeded. */
export const succeeds = async (call: Promise<unknown>): Promise<boolean> =>
  (await orTell(call.then(() => true))) ?? false
