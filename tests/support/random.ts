export interface Random {
  /** An integer from 0 up to, but not including, `limit`. */
  below(limit: number): number
  /** An integer from `least` to `most`, both included. */
  between(least: number, most: number): number
  /** One of the items, which must not be empty. */
  pick<T>(items: readonly T[]): T
  /** A key, chosen by weight. */
  weighted<Key extends string>(weights: Record<Key, number>): Key
}

/** Random choices that a seed makes repeatable (mulberry32). */
export function random(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)

  function pick<T>(items: readonly T[]): T {
    const [item] = items.slice(below(items.length))
    if (item === undefined) throw new Error('There are no items to pick from.')
    return item
  }

  function weighted<Key extends string>(weights: Record<Key, number>): Key {
    const bag: Key[] = []
    for (const key in weights) for (let n = 0; n < weights[key]; n++) bag.push(key)
    return pick(bag)
  }

  return { below, between: (least, most) => least + below(most - least + 1), pick, weighted }
}
