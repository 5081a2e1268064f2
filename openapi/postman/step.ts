/** One request of the collection, which must get the documented response. */
export interface PostmanStep {
  /** The documented status that this request must get. */
  status: number
  /** Whose access token the request carries; Ana's by default. */
  as?: 'ben' | 'nobody'
  /** Distinguishes it from other requests of the same operation. */
  note?: string
  params?: Record<string, string>
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: object
  /** A path below the working directory, sent as the field `file` of a form or as the whole body. */
  form?: string
  file?: string
  /** Environment variables to set, with the path of their value in the response. */
  keep?: Record<string, string>
  /** Variables that get a fresh UUID before the request. */
  fresh?: string[]
  /** Whose tokens the response contains. */
  signsIn?: 'ana' | 'ben'
  /** Whose tokens are invalid after the request. */
  signsOut?: 'ana' | 'ben'
  /** A condition on the response that holds once a delivery has arrived; until then the request is repeated. */
  until?: string
}

/** Path parameters of the chat between Ana and Ben, for her and for him. */
export const withBen = { chatId: '{{benId}}' }
export const withAna = { chatId: '{{anaId}}' }

/** Path parameters of their group. */
export const inGroup = { groupId: '{{groupId}}' }
