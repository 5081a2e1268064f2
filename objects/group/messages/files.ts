import type { FileMetadata } from '../../../src/core/file-metadata'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { viewOf } from '../changes/to-member'
import type { MemberContext } from '../context'
import { pictureOf } from '../tables/facts'
import { findReadable } from '../tables/files'

/** The metadata of a file in a message that the member sees, or of the picture of the group. */
export function readFile({ sql, me, facts }: MemberContext, fileId: string): Outcome<FileMetadata> {
  const picture = pictureOf(facts.row)?.file
  const file = picture?.fileId === fileId ? picture : findReadable(sql, viewOf(me), fileId)
  return file ? done(file) : refuse('file_not_found')
}
