/** A message by its place on the time line that all chats share. */
export interface Place {
  chatId: string
  id: string
}

/** A part of the time line: the ids from one on, and before another. */
export interface Stretch {
  from: string
  before: string
}

/** How the ids of a stretch are read. */
interface PlaceSource {
  /** Up to `limit` ids of these chats, in any order. */
  some: (chatIds: readonly string[], stretch: Stretch, limit: number) => Place[]
  /** The latest id of each chat that has one. */
  latest: (chatIds: readonly string[], stretch: Stretch) => Place[]
  /** The latest ids of one chat, newest first. */
  newest: (chatId: string, stretch: Stretch, limit: number) => string[]
}

export interface MessageSource<Row> extends PlaceSource {
  /** The rows at these places, in their order. */
  rows: (places: readonly Place[]) => Row[]
  placeOf: (row: Row) => Place
}

/** Ids read at once where they are few, and of each chat where they are many. */
const wholeMax = 400
const runMax = 32
/** Rows read at once: each can have a text of 64 KB. */
const rowsMax = 16

const byId = (a: Place, b: Place) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** Puts a place into an ascending list. */
function insert(places: Place[], place: Place) {
  let [low, high] = [0, places.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (byId(places[middle] ?? place, place) < 0) low = middle + 1
    else high = middle
  }
  places.splice(low, 0, place)
}

/** The rows of several chats as one list, newest first, read as far as it is asked for. */
export function* rowsNewestFirst<Row>(
  source: MessageSource<Row>,
  chatIds: readonly string[],
  stretch: Stretch,
): Generator<Row> {
  let batch: Place[] = []
  for (const place of newestFirst(source, chatIds, stretch)) {
    batch.push(place)
    if (batch.length < rowsMax) continue
    yield* source.rows(batch)
    batch = []
  }
  yield* source.rows(batch)
}

function* newestFirst(source: PlaceSource, chatIds: readonly string[], stretch: Stretch): Generator<Place> {
  const all = source.some(chatIds, stretch, wholeMax + 1)
  if (all.length <= wholeMax) yield* all.sort(byId).reverse()
  else yield* merged(source, chatIds, stretch)
}

/** One list out of many, of each of which only the next part is read. */
function* merged(source: PlaceSource, chatIds: readonly string[], { from, before }: Stretch) {
  const heads = source.latest(chatIds, { from, before }).sort(byId)
  const runs = new Map<string, string[]>()
  for (let head = heads.pop(); head; head = heads.pop()) {
    yield head
    const { chatId } = head
    let run = runs.get(chatId) ?? []
    if (run.length === 0) run = source.newest(chatId, { from, before: head.id }, runMax).reverse()
    const id = run.pop()
    runs.set(chatId, run)
    if (id !== undefined) insert(heads, { chatId, id })
  }
}
