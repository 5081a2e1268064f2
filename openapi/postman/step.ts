/** One request of the collection, which must succeed as the document says. */
export interface PostmanStep {
  /** The status that the document declares and this request must get. */
  status: number
  /** Whose access token it carries: Ana's, unless another is named. */
  as?: 'ben' | 'nobody'
  /** Tells it apart from other requests of the same operation. */
  note?: string
  params?: Record<string, string>
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: object
  /** A path below the working directory: sent as the field `file` of a form, or as the whole body. */
  form?: string
  file?: string
  /** Environment variables to keep, by where they are in the answer. */
  keep?: Record<string, string>
  /** Variables that get a fresh UUID before the request. */
  fresh?: string[]
  /** Whose tokens the answer holds. */
  signsIn?: 'ana' | 'ben'
  /** Whose tokens are worth nothing after it. */
  signsOut?: 'ana' | 'ben'
  /** What the answer shows once a delivery has come through; until then the request is repeated. */
  until?: string
}

/** Path parameters of the chat between Ana and Ben, as she and as he names it. */
export const withBen = { chatId: '{{benId}}' }
export const withAna = { chatId: '{{anaId}}' }
