/**
 * Every problem that the service returns: code → status and title. The document's responses, the enum `code`, and the
 * runtime are made from this table alone.
 */
export const problems = {
  invalid_request: { status: 400, title: 'The request does not have the documented shape' },
  malformed_json: { status: 400, title: 'The body is not JSON' },
  malformed_form: { status: 400, title: 'The body is not a multipart form with one file' },
  unauthenticated: { status: 401, title: 'An access token is needed' },
  access_token_invalid: { status: 401, title: 'The access token is not valid' },
  access_token_expired: { status: 401, title: 'The access token has expired' },
  session_ended: { status: 401, title: 'The session has ended' },
  refresh_token_invalid: { status: 401, title: 'The refresh token is not valid' },
  ticket_invalid: { status: 401, title: 'The ticket is not valid' },
  refresh_token_reused: { status: 401, title: 'The refresh token was used before; its session has been ended' },
  not_the_author: { status: 403, title: 'Only the author may do this' },
  blocked_by_you: { status: 403, title: 'The user is blocked by the caller' },
  origin_not_allowed: { status: 403, title: 'This origin may not connect' },
  turnstile_required: { status: 403, title: 'A Turnstile token is needed' },
  not_found: { status: 404, title: 'There is nothing at this path' },
  verification_not_found: { status: 404, title: 'There is no such verification' },
  session_not_found: { status: 404, title: 'There is no such session' },
  user_not_found: { status: 404, title: 'There is no such user' },
  chat_not_found: { status: 404, title: 'There is no such chat' },
  message_not_found: { status: 404, title: 'There is no such message' },
  file_not_found: { status: 404, title: 'There is no such file' },
  method_not_allowed: { status: 405, title: 'This path does not take this method' },
  username_taken: { status: 409, title: 'The username belongs to somebody else' },
  phone_number_taken: { status: 409, title: 'The phone number belongs to somebody else' },
  client_message_id_reused: { status: 409, title: 'The client message id belongs to another message' },
  message_deleted: { status: 409, title: 'The message has been deleted' },
  file_in_use: { status: 409, title: 'The file is in use as a profile picture' },
  length_required: { status: 411, title: 'The length of the body must be declared' },
  precondition_failed: { status: 412, title: 'The condition of the request does not hold' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body has a content type that is not accepted here' },
  range_not_satisfiable: { status: 416, title: 'The range lies outside the file' },
  phone_number_invalid: { status: 422, title: 'This is no possible phone number' },
  phone_number_refused: { status: 422, title: 'No code can be sent to this phone number' },
  channel_unavailable: { status: 422, title: 'Codes are not sent over this channel' },
  turnstile_failed: { status: 422, title: 'The Turnstile token proves nothing' },
  otp_wrong: { status: 422, title: 'The code is wrong' },
  otp_expired: { status: 422, title: 'The verification has expired' },
  otp_used: { status: 422, title: 'The verification has been used' },
  otp_locked: { status: 422, title: 'The verification took too many wrong codes' },
  attachment_unusable: { status: 422, title: 'An attachment is not a file of the sender' },
  reply_target_unusable: { status: 422, title: 'The message to reply to is not in this chat' },
  avatar_unusable: { status: 422, title: 'The picture is not an image file of the user' },
  storage_full: { status: 422, title: 'The file does not fit into the user’s storage' },
  own_user: { status: 422, title: 'This cannot be done to oneself' },
  contacts_full: { status: 422, title: 'No more contacts can be saved' },
  reactions_full: { status: 422, title: 'No more reactions fit under this message' },
  upgrade_required: { status: 426, title: 'This path speaks WebSocket only' },
  resend_too_soon: { status: 429, title: 'A code was sent a moment ago' },
  otp_sends_exhausted: { status: 429, title: 'Too many codes were asked for' },
  too_many_requests: { status: 429, title: 'Too many requests came from this network' },
  new_chats_exhausted: { status: 429, title: 'Too many new chats were begun' },
  sends_exhausted: { status: 429, title: 'Too many messages were sent in a short time' },
  lookups_exhausted: { status: 429, title: 'Too many new numbers were looked up' },
  reports_exhausted: { status: 429, title: 'Too many users were reported' },
  too_many_undelivered: { status: 429, title: 'Too many messages wait for this user to receive them' },
  internal_error: { status: 500, title: 'Something went wrong on the server' },
  service_unavailable: { status: 503, title: 'The service cannot answer right now' },
  otp_provider_unavailable: { status: 503, title: 'The sender of codes cannot be reached right now' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof problems

/**
 * What is wrong with one part of the input. `pointer` is a JSON pointer into the body, or begins with `/query`,
 * `/path`, or `/header`.
 */
export interface InputError {
  pointer: string
  code: string
  detail: string
}

interface ProblemOptions {
  /** One sentence for a developer; never an id, an upstream's text, or SQL. Defaults to the title. */
  detail?: string
  errors?: InputError[]
  /** For `Retry-After`, in whole seconds. */
  retryAfterSeconds?: number
  headers?: Record<string, string>
  /** Further members of the body (RFC 9457, section 3.2), as declared by the operation's own schema of this problem. */
  members?: Record<string, unknown>
  cause?: unknown
}

/** Thrown anywhere in a request; the app's error handler turns it into the `application/problem+json` response. */
export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly options: ProblemOptions
  constructor(code: ProblemCode, options: ProblemOptions) {
    super(code, { cause: options.cause })
    this.code = code
    this.options = options
  }
}

export const problem = (code: ProblemCode, options: ProblemOptions = {}) => new ProblemError(code, options)

/** Refuses one field of the input whose shape was valid. */
export const refusedField = (code: ProblemCode, pointer: string, detail: string) =>
  problem(code, { detail, errors: [{ pointer, code, detail }] })
