/**
 * Every problem that the service returns: code → status and title. The document's responses, the enum `code`, and the
 * runtime are made from this table alone.
 */
export const problems = {
  invalid_request: { status: 400, title: 'The request does not match the documented schema' },
  malformed_json: { status: 400, title: 'The body is not valid JSON' },
  malformed_form: { status: 400, title: 'The body is not a multipart form with one file' },
  unauthenticated: { status: 401, title: 'An access token is required' },
  access_token_invalid: { status: 401, title: 'The access token is not valid' },
  access_token_expired: { status: 401, title: 'The access token has expired' },
  session_ended: { status: 401, title: 'The session has ended' },
  refresh_token_invalid: { status: 401, title: 'The refresh token is not valid' },
  ticket_invalid: { status: 401, title: 'The ticket is not valid' },
  refresh_token_reused: { status: 401, title: 'The refresh token was already used, so its session was ended' },
  not_the_author: { status: 403, title: 'Only the author can do this' },
  blocked_by_you: { status: 403, title: 'You have blocked this user' },
  acceptance_required: { status: 403, title: 'The recipient has not accepted your messages yet' },
  not_allowed_in_group: { status: 403, title: 'The group does not allow you to do this' },
  origin_not_allowed: { status: 403, title: 'This origin is not allowed to connect' },
  host_not_allowed: { status: 403, title: 'Codes are printed for local hosts only' },
  turnstile_required: { status: 403, title: 'A Turnstile token is required' },
  not_found: { status: 404, title: 'Nothing exists at this path' },
  verification_not_found: { status: 404, title: 'Verification not found' },
  session_not_found: { status: 404, title: 'Session not found' },
  user_not_found: { status: 404, title: 'User not found' },
  chat_not_found: { status: 404, title: 'Chat not found' },
  invite_not_found: { status: 404, title: 'Invitation not found' },
  join_request_not_found: { status: 404, title: 'Request to join not found' },
  member_not_found: { status: 404, title: 'Member not found' },
  message_not_found: { status: 404, title: 'Message not found' },
  file_not_found: { status: 404, title: 'File not found' },
  method_not_allowed: { status: 405, title: 'This path does not support this method' },
  username_taken: { status: 409, title: 'The username belongs to another user' },
  phone_number_taken: { status: 409, title: 'The phone number belongs to another user' },
  client_group_id_reused: { status: 409, title: 'The client group ID belongs to another group' },
  client_message_id_reused: { status: 409, title: 'The client message ID belongs to another message' },
  message_deleted: { status: 409, title: 'The message has been deleted' },
  file_in_use: { status: 409, title: 'The file is in use as a profile picture' },
  length_required: { status: 411, title: 'The length of the body must be declared' },
  precondition_failed: { status: 412, title: 'A precondition of the request failed' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The content type of the body is not supported here' },
  range_not_satisfiable: { status: 416, title: 'The range is outside the file' },
  username_reserved: { status: 422, title: 'The username is reserved' },
  phone_number_invalid: { status: 422, title: 'This cannot be a phone number' },
  phone_number_refused: { status: 422, title: 'No code can be sent to this phone number' },
  channel_unavailable: { status: 422, title: 'This channel is not available for codes' },
  turnstile_failed: { status: 422, title: 'Turnstile verification failed' },
  otp_wrong: { status: 422, title: 'The code is incorrect' },
  otp_expired: { status: 422, title: 'The verification has expired' },
  otp_used: { status: 422, title: 'The verification has already been used' },
  otp_locked: { status: 422, title: 'Too many incorrect codes for this verification' },
  attachment_unusable: { status: 422, title: 'An attachment is not a file you can read' },
  reply_target_unusable: { status: 422, title: 'The message to reply to is not in this chat' },
  mention_unusable: { status: 422, title: 'A mention is not a member of the group' },
  avatar_unusable: { status: 422, title: 'The file cannot be used as a picture' },
  storage_full: { status: 422, title: 'The file does not fit into your storage' },
  mailbox_full: { status: 422, title: 'Your mailbox is full' },
  group_storage_full: { status: 422, title: 'The group cannot hold any more messages' },
  bans_full: { status: 422, title: 'The group cannot ban any more users' },
  invites_full: { status: 422, title: 'The group cannot have any more invitations' },
  join_requests_full: { status: 422, title: 'The group cannot take any more requests to join' },
  group_full: { status: 422, title: 'The group has no room for more members' },
  groups_full: { status: 422, title: 'You cannot be in any more groups' },
  pins_full: { status: 422, title: 'The group cannot have any more pinned messages' },
  own_user: { status: 422, title: 'You cannot do this to yourself' },
  contacts_full: { status: 422, title: 'You cannot save any more contacts' },
  reactions_full: { status: 422, title: 'You cannot add any more reactions to this message' },
  upgrade_required: { status: 426, title: 'This path accepts WebSocket connections only' },
  resend_too_soon: { status: 429, title: 'A code was sent too recently' },
  otp_sends_exhausted: { status: 429, title: 'Too many codes were requested' },
  too_many_requests: { status: 429, title: 'Too many requests in a short time' },
  new_chats_exhausted: { status: 429, title: 'You have started too many new chats' },
  sends_exhausted: { status: 429, title: 'You have sent or changed too many messages in a short time' },
  new_groups_exhausted: { status: 429, title: 'You have created too many groups' },
  group_adds_exhausted: { status: 429, title: 'You have added too many users to groups' },
  group_joins_exhausted: { status: 429, title: 'You have joined too many groups' },
  slow_mode: { status: 429, title: 'The group is in slow mode' },
  lookups_exhausted: { status: 429, title: 'You have looked up too many new phone numbers' },
  reports_exhausted: { status: 429, title: 'You have made too many reports' },
  too_many_undelivered: { status: 429, title: 'Too many messages are waiting to be delivered to this user' },
  internal_error: { status: 500, title: 'Something went wrong on the server' },
  service_unavailable: { status: 503, title: 'The service is temporarily unavailable' },
  otp_provider_unavailable: { status: 503, title: 'The provider that sends codes cannot be reached right now' },
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
  /** How many errors there are, if `errors` does not have them all. */
  errorCount?: number
  /** For `Retry-After`, in whole seconds. */
  retryAfterSeconds?: number
  headers?: Record<string, string>
  /** Further members of the body (RFC 9457, section 3.2), as declared by the operation's own schema of this problem. */
  members?: Record<string, unknown>
  cause?: unknown
}

/** Can be thrown anywhere in a request; the app's error handler turns it into an `application/problem+json` response. */
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
