import { call, type Input } from '../support/call'
import { note } from './journal'

const attemptsMax = 40

/** The device that calls. */
export interface Device {
  id: string
  accessToken: string
}

const untold = /At$|Url$|^(attachments|cursor|username|phoneNumber|presenceHidden|undelivered|peer|kind)$/

/** What is worth reporting about an answer. */
const summary = (status: number, body: unknown) =>
  status >= 400
    ? Reflect.get(Object(body), 'code')
    : JSON.stringify(body, (key, value) => (untold.test(key) && value !== true ? undefined : value))

/** Calls until there is an answer that tells the outcome: anything but a server error. */
export async function settle<T>(operationId: string, input: Input, as: Device) {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const { status, body } = await call<T>(operationId, input, { as })
    note(as.id, operationId, input.params, input.query, input.body, '→', status, summary(status, body))
    if (status < 500) return { status, body, isRepeated: attempt > 1 }
  }
  throw new Error(`${operationId} failed ${attemptsMax} times`)
}

/** The body of a call that must succeed eventually. */
export async function obtain<T>(operationId: string, input: Input, as: Device): Promise<T> {
  const { status, body } = await settle<T>(operationId, input, as)
  if (status >= 300) throw new Error(`${operationId} answers ${status}: ${JSON.stringify(body)}`)
  return body
}
