export function random(seed: number): {
  below: (limit: number) => number
  between: (least: number, most: number) => number
  pick: <T>(items: readonly T[]) => T
  weighted: <Key extends string>(weights: Record<Key, number>) => Key
}
