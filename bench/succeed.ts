import type { Slot } from './load.ts'

/** Sends a request; rejects unless it succeeds. */
export async function succeed({ connection }: Slot, request: Buffer): Promise<Buffer> {
  const { status, body } = await connection.send(request)
  if (status < 200 || status > 299) throw new Error(`${status}: ${body}`)
  return body
}

/** A list that wraps around. */
export const at = <Item>(items: readonly Item[], index: number): Item => {
  const item = items[index % items.length]
  if (item === undefined) throw new Error('The list is empty')
  return item
}
