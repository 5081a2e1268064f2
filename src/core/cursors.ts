import { type ZodType, z } from 'zod'
import { refusedField } from './errors'

/** Returns an opaque cursor for the wire. */
export const encodeCursor = (place: unknown) => Buffer.from(JSON.stringify(place)).toString('base64url')

/** Returns the place that a cursor names. Throws `invalid_request` for a cursor that the service did not make. */
export function decodeCursor<T>(cursor: string, schema: ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()))
  } catch {
    throw refusedField('invalid_request', '/query/cursor', 'Not a cursor of this list.')
  }
}

/** A place among the changes of one life (`epoch`) of a mailbox. */
export interface Position {
  epoch: string
  seq: number
  /** In a full copy, until it gets there: the number of the last change before the copy began. */
  copyUpTo?: number
}

/** Where changes start if there is no position that they can continue from. */
export type StartingPoint = 'beginning' | 'now'

// The epochs that mailboxes mint are shorter. A socket keeps its position in an attachment of 16 KB.
const epochCharactersMax = 64

const Place = z.tuple([z.string().max(epochCharactersMax), z.int().nonnegative()])
// An older version of the code takes both for the name of another epoch, and starts the copy again.
const copying = /^(.*)~(\d{1,15})$/

export const toChangesCursor = ({ epoch, seq, copyUpTo }: Position) =>
  encodeCursor([copyUpTo === undefined ? epoch : `${epoch}~${copyUpTo}`, seq])

/**
 * Returns the position that a changes cursor names. Throws `invalid_request` for a cursor that the service did not
 * make.
 */
export function parseChangesCursor(cursor: string): Position {
  const [name, seq] = decodeCursor(cursor, Place)
  const [, epoch, copyUpTo] = copying.exec(name) ?? []
  return epoch === undefined ? { epoch: name, seq } : { epoch, seq, copyUpTo: Number(copyUpTo) }
}

/** The same, but returns null for a cursor that the service did not make. */
export function readChangesCursor(cursor: string): Position | null {
  try {
    return parseChangesCursor(cursor)
  } catch {
    return null
  }
}
