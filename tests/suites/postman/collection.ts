// The parts of a collection and its environment that the suite reads and writes.

export interface Variable {
  key: string
  value: string
}

export interface Environment {
  values: Variable[]
}

interface Field {
  key: string
  type?: string
  src?: string
}

export interface Item {
  id: string
  name?: string
  request: {
    method: string
    url: { path: string[]; variable: Variable[] }
    header: { key: string; value: string }[]
    body?: { formdata?: Field[] }
  }
}

export interface Folder {
  item: (Folder | Item)[]
}

export interface Collection {
  item: (Folder | Item)[]
}

/** All requests in a folder and its subfolders. */
export const itemsOf = (group: Folder | Item): Item[] => ('item' in group ? group.item.flatMap(itemsOf) : [group])

export interface RunResult {
  requests: number
  assertions: number
  failures: string[]
}
