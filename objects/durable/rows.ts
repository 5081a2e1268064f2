type Row = Record<string, SqlStorageValue>

/**
 * The rows of a cursor, one by one as they are asked for. `columns` names what the statement selects, in its order:
 * reading values by position takes a third of the time of reading them by name.
 */
export function* rowsByPosition<R extends Row>(
  cursor: SqlStorageCursor<R>,
  columns: readonly (keyof R & string)[],
): Generator<R> {
  for (const values of cursor.raw()) {
    const row: Row = {}
    for (let at = 0; at < columns.length; at++) row[columns[at] as string] = values[at] as SqlStorageValue
    yield row as R
  }
}
