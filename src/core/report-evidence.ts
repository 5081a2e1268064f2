/** A message in a chat as its reporter saw it when they reported it. Times are epoch milliseconds. */
export interface ReportEvidence {
  id: string
  senderId: string
  text: string
  /** Custom data as JSON; null if there is none. */
  metadata: string | null
  /** The attachments. Their bytes exist as long as their owner keeps them. */
  fileIds: string[]
  createdAt: number
  editedAt: number | null
  deletedAt: number | null
}
