export interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

/** Reads every item of a list. `readPage` gets no cursor for the first page. */
export async function readAll<Item>(readPage: (cursor: string | undefined) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Page<Item> = await readPage(cursor)
    items.push(...page.items)
    cursor = page.nextCursor
  }
  return items
}
