/** Random choices that a seed repeats (mulberry32). What meets a kill still depends on the machine's timing. */
export function random(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit) => Math.floor(next() * limit)
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    pick: (items) => items[below(items.length)],
    /** One key of a table of weights. */
    weighted: (weights) => {
      const bag = Object.entries(weights).flatMap(([key, weight]) => Array(weight).fill(key))
      return bag[below(bag.length)]
    },
  }
}
