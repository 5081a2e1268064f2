import { z } from 'zod'
import { decodeCursor, encodeCursor } from './cursors'

/** A place among the changes of a group: a number, in one membership of one member. */
export interface GroupPlace {
  since: number
  seq: number
}

const Place = z.tuple([z.int().nonnegative(), z.int().nonnegative()])

export const toGroupCursor = ({ since, seq }: GroupPlace): string => encodeCursor([since, seq])

/** Returns the place that a cursor names. Throws `invalid_request` for a cursor that the service did not make. */
export function parseGroupCursor(cursor: string): GroupPlace {
  const [since, seq] = decodeCursor(cursor, Place)
  return { since, seq }
}

/** The same for a frame: null without a cursor, undefined for one that the service did not make. */
export function readGroupCursor(cursor: string | undefined): GroupPlace | null | undefined {
  if (cursor === undefined) return null
  try {
    return parseGroupCursor(cursor)
  } catch {
    return undefined
  }
}
