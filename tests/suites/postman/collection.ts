// What the suite reads and writes of a collection and its environment.

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

/** The requests of a folder and of those within it. */
export const itemsOf = (group: Folder | Item): Item[] => ('item' in group ? group.item.flatMap(itemsOf) : [group])

export interface RunResult {
  requests: number
  assertions: number
  failures: string[]
}
