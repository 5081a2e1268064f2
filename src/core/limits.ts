import { groupLimits } from './group-limits'

/**
 * Every bound of the service, with its unit and its reason. Bounds that an owner can change are in `config.ts`. Which
 * bounds limit usage, where it is counted, and by what is in `usage-limits.ts`.
 */
export const limits = {
  ...groupLimits,
  /** A JSON body: a text of 16,000 characters as `\uXXXX` pairs takes 192 kB. */
  jsonBodyBytesMax: 256 * 1024,
  /** What a problem lists: more would make a large answer of a small request. */
  problemErrorsMax: 20,
  problemPointerCharactersMax: 64,
  /** Names in request headers that come back in a response: a browser's own fit several times. */
  echoedHeaderCharactersMax: 1_024,
  /** Code points in the text of one message. */
  textCharactersMax: 16_000,
  /** Code points of the quoted text in a reply. */
  quoteCharactersMax: 200,
  attachmentsMax: 10,
  /** Custom data of a message or a profile: bytes of its JSON in UTF-8, and levels of objects and arrays in it. */
  metadataBytesMax: 4_096,
  metadataLevelsMax: 16,
  nameCharactersMax: 64,
  aboutCharactersMax: 500,
  usernameCharactersMin: 3,
  usernameCharactersMax: 32,
  deviceNameCharactersMax: 64,
  /** ISO 3166-1 alpha-2. */
  countryCharactersMax: 2,
  cityCharactersMax: 64,
  /** The names of network owners are company names. */
  networkCharactersMax: 128,
  clientMessageIdCharactersMax: 64,
  fileNameCharactersMax: 255,
  contentTypeCharactersMax: 127,
  /** As people paste them: 15 digits (E.164) with separators, marks of direction, and a few words that make it no number. */
  phoneInputCharactersMax: 128,
  /** As people paste them: 10 digits with whatever is around and between them. */
  codeInputCharactersMax: 64,
  findContactsMax: 500,
  contactsMax: 10_000,
  /** Profiles of contacts without a chat are compared with D1 while their owner is active: how often, and how many at once. */
  contactsRefreshMs: 60_000,
  contactsRefreshedAtOnce: 200,
  /** Users whose profiles one call returns. */
  userIdsMax: 100,
  reportCommentCharactersMax: 1_000,
  reportMessagesMax: 20,
  /**
   * Of the text of a reported message, how much is copied; the later messages of a long report are cut shorter, but never
   * below this many bytes of UTF-8.
   */
  reportTextCharactersMax: 4_000,
  reportTextBytesMin: 1_000,
  /** What one report takes in D1, and what the reports of one user can add in 24 hours: two of the largest. */
  reportBytesMax: 40 * 1024,
  reportBytesPerDay: 80 * 1024,
  /** Different emoji from one user on one message. */
  reactionsMax: 20,
  /** Reactions that one user took back of one message and that are remembered, the latest ones. */
  removedReactionsMax: 50,
  /** Signatures of links that one isolate remembers: less than 2 MB. */
  linkSignaturesMax: 5_000,
  /** Access tokens that one isolate remembers as verified, and sessions whose hash it knows: less than 4 MB. */
  verifiedTokensMax: 5_000,
  /** Quotes of a deleted message that are blanked in one block. */
  quotesBlankedAtOnce: 50,
  pageDefault: 50,
  pageMax: 200,
  /** Bytes of JSON in the items of one page: 200 messages could be 20 MB. */
  pageBytesMax: 1_000_000,
  /** Last messages of chats that one statement reads. A page of chats reads no more of them than it shows, and so many. */
  lastMessagesAtOnce: 50,

  searchCharactersMax: 100,
  /** Words in one search. */
  searchWordsMax: 16,
  /**
   * What of one message can be found: its first words, up to this many beginnings of words (for a text without spaces,
   * characters and pairs of them), and up to this many bytes of UTF-8 once folded. A text of 16,000 Latin letters has
   * fewer than 16,000 beginnings, one of 16,000 Chinese characters has 32,000.
   */
  indexedTermsMax: 32_000,
  indexedBytesMax: 60_000,
  /** Messages of one block of the search index, and beginnings of words in it: more only if a single message has more. */
  searchBlockMessages: 64,
  searchBlockTerms: 4_096,
  /** After how many changes the search index takes them, and how many of them at once. */
  searchChangesDue: 256,
  searchChangesMax: 2_000,
  /** How long the search index keeps what was edited away, deleted, hidden, or cleared. */
  searchForgetMs: 30_000,
  /** What one slice of the alarm indexes, and what a search indexes before it begins: messages and bytes of their texts. */
  searchAlarmMessages: 1_024,
  searchAlarmBytes: 128 * 1024,
  searchFirstMessages: 384,
  searchFirstBytes: 32 * 1024,
  /**
   * What one search reads: blocks, of all chats or of one, then messages of those that may have its words, and bytes of
   * their texts. It takes a few milliseconds; a page that is not full by then ends early.
   */
  searchBlocksMax: 1_000,
  searchChatBlocksMax: 500,
  searchMessagesMax: 320,
  searchBytesMax: 48 * 1024,
  /** Code points of the part of a text that a search shows, and of what comes before the first match in it. */
  snippetCharactersMax: 200,
  snippetLeadCharacters: 40,

  /** Set by the provider. */
  otpLifetimeSeconds: 600,
  /**
   * How long a code that was not entered delays the next one: after the first, the second, and so on. The last figure
   * applies to all after that.
   */
  otpCooldownSeconds: [60, 120, 300, 600],
  /** An open code with less time left than this is replaced, not resent: it must arrive and be typed. */
  otpRemainingSecondsMin: 120,
  /** The provider's ten minutes begin when it receives the request for a code, slightly after ours. */
  otpLapseSeconds: 60,
  /**
   * How many codes the provider checks for one of its verifications, and how often it sends one, before a new one is
   * needed.
   */
  otpChecksMax: 5,
  otpSendsPerCode: 5,
  /**
   * Of these checks, how many one verification can take while others are open for the number, and how many are reserved
   * for each one that is better known.
   */
  otpChecksShared: 2,
  /** A lost reply must not cost another message: the same code succeeds again for this long. */
  otpRepeatSeconds: 60,
  /** Verifications of one number that the same code proves within this time count as proven concurrently. */
  otpConcurrentSeconds: 2,
  /** How long a verification is kept; it contains a phone number. */
  otpRecordSeconds: 86_400,
  /** Pending sends to a country are counted up to this figure for the risk rules; no default row asks for more. */
  otpPendingCounted: 500,
  /** How long a network is known after it has signed in with a number, and how many networks are kept per number. */
  networkKnownSeconds: 180 * 86_400,
  networksKnownMax: 50,
  /**
   * Expired rows of D1 that one statement deletes, and the statements for one table in an hour: all tables together stay
   * below the 50 queries that a free plan allows.
   */
  expiredRowsAtOnce: 2_000,
  expiredSlicesMax: 7,
  /** Where nobody can prove to be a person, from which share of a breaker's figure on suspicious requests are refused. */
  breakerNearShare: 0.5,
  otpCodeDigits: 6,
  /** The figures of the rate limiters in `wrangler.toml`; `call-limits.ts` says what they count, and why that many. */
  rateWindowSeconds: 60,
  shieldRequestsMax: 60,
  readsPerMinute: 600,
  writesPerMinute: 300,
  messageWritesPerMinute: 900,
  uploadsPerMinute: 60,
  userLookupsPerMinute: 30,
  accountChangesPerMinute: 60,
  exportsPerMinute: 10,
  connectionsPerMinute: 80,
  refreshesPerMinute: 30,
  signedInCallsPerMinute: 12_000,
  openCallsPerMinute: 600,
  codeChecksPerMinute: 120,
  unprovenRefreshesPerMinute: 120,
  deepHealthChecksPerMinute: 30,
  otpProviderTimeoutMs: 5_000,
  turnstileTimeoutMs: 5_000,
  turnstileTokenCharactersMax: 2_048,

  /**
   * How long a replaced refresh token still returns the current one after something that was issued with its successor is
   * first presented, for parallel refreshes. Until then it does so anyway, for clients that lost the reply.
   */
  refreshGraceSeconds: 30,
  /** Steps remembered for that grace period. A client that rotates more often within it is not an honest one. */
  refreshStepsMax: 64,
  /** How far an ancestor is walked forward: one refresh every ten minutes for 400 days makes 57,600. */
  refreshWalkMax: 60_000,
  sessionsMax: 50,
  /**
   * How far the last use of a session as shown can lag behind: a refresh that updates it is a change for every device.
   */
  sessionShownMs: 3_600_000,

  /** On ordinary plans, request bodies over 100 MB are refused before a worker sees them. */
  fileBytesMax: 95 * 1024 * 1024,
  /**
   * R2's minimum part size; all parts except the last are equal. Each upload holds two parts, of an isolate's 128 MB.
   */
  filePartBytes: 5 * 1024 * 1024,
  /** What a form can have besides its file. It needs the boundary, twice, and the headers of the part. */
  formOverheadBytesMax: 16 * 1024,
  /**
   * How long a removal waits for its clean-up, or for the next one after a failure. The route that requested the
   * removal deletes the object itself.
   */
  fileCleanUpMs: 60_000,
  /** R2 deletes up to 1,000 objects in one call, and a file can have two. */
  filesCleanedAtOnce: 500,
  /** Of a file, what is looked at for its dimensions and its duration. Large previews and profiles can precede them. */
  mediaHeadBytesMax: 256 * 1024,
  /** Of the Exif data of a picture, what is looked at for its orientation: a segment of JPEG is smaller. */
  exifBytesMax: 64 * 1024,
  /** Segments, chunks, or blocks of a profile picture: ten times those of a PNG of the largest size. Their places take 10 MB. */
  picturePartsMax: 100_000,
  /** How long copying a profile picture may take: less than `fileCleanUpMs`, after which the copy of a removed file goes. */
  avatarCopyMs: 45_000,
  /** What JPEG can express; PNG can more, but nothing shows it. */
  mediaPixelsMax: 65_535,
  /** A week; the largest file at the lowest bit rate of speech lasts two days. */
  mediaDurationMsMax: 7 * 86_400_000,
  /** A BlurHash of eight by six components. */
  blurHashCharactersMax: 100,
  fileReservationSeconds: 3_600,
  fileLinkSeconds: 3_600,
  /** Links expire at multiples of this, so that a URL stays the same, and cached, for a while. */
  fileLinkStepSeconds: 900,

  /** What can be sent to somebody who has not accepted the chat: messages, and bytes of text and attachments' metadata. */
  requestMessagesMax: 20,
  requestBytesMax: 256 * 1024,
  /**
   * What the first message of a stranger, with their profile, can take of a mailbox: 64,000 bytes are its text, and the
   * metadata of both is another 12,000.
   */
  firstMessageBytesMax: 112 * 1024,
  /** Messages waiting for one peer. A mailbox that does not respond for a long time must not fill up its peers. */
  undeliveredMax: 1_000,
  /** The approximate size of one page of changes, which is a socket's frame. */
  changesBytesMax: 1024 * 1024,
  /** Rows read for one page of changes, those of cleared messages included: tens of milliseconds. */
  changesRowsReadMax: 10_000,
  /** One delivery to a peer has at most this many rows and bytes. */
  deliveryRowsMax: 100,
  deliveryBytesMax: 1024 * 1024,
  /** Twenty attempts an hour at most, at a peer that does not answer, even when every delay is at its shortest. */
  deliveryRetryMs: 1_000,
  deliveryRetryMaxMs: 7 * 60_000,
  /** How often, at most, something that could not be reached is asked whether it is back, and how many times in a row. */
  probeMs: 45_000,
  probesMax: 160,
  /** When the alarm looks again after a write whose own delivery has not been confirmed. */
  deliveryAlarmMs: 5_000,
  /** How long a delivery to a full mailbox waits for room. */
  deliveryRoomMs: 3_600_000,
  /** A call to a peer's mailbox that takes longer has failed; the next call repeats it. */
  deliveryTimeoutMs: 30_000,
  /** A delivery that takes longer lets the next ones start beside it. */
  deliverySlowMs: 1_000,
  /** Peers that one alarm serves, at most, and how many of them at a time. */
  deliveriesPerAlarm: 200,
  deliveriesAtOnce: 6,
  /** Messages of a cleared chat that the alarm empties at once. */
  clearedAtOnce: 500,
  /** How long an alarm waits for its jobs: while it rings, no other alarm of the object does. */
  alarmWaitMs: 2_000,
  /** A job of an alarm that takes longer has failed. */
  alarmJobMs: 60_000,
  /** How long a job that failed waits, doubling: twenty attempts an hour at most. */
  alarmRetryMs: 2_000,
  alarmRetryMaxMs: 6 * 60_000,
  /** A change of profile that D1 has and the mailbox has not heard of is fetched after this. */
  profileSyncMs: 10_000,

  /** What an export reads at once and holds in memory: rows, and approximately this many characters of them. */
  exportRowsMax: 1_000,
  exportCharactersMax: 1024 * 1024,

  /**
   * How long an erasure waits for peers whose mailboxes are unreachable. The law allows one month (GDPR, article 12).
   */
  erasurePatienceMs: 28 * 86_400_000,

  /** How long a ticket can open a socket: it travels in a URL, and URLs end up in logs. */
  ticketSeconds: 30,
  frameIdCharactersMax: 64,
  /** Sockets per user; the one unheard for longest is closed for a new one. */
  socketsMax: 20,
  /**
   * How many `changes` frames are sent before the client confirms that it has stored them, and how long the
   * confirmation can take.
   */
  socketUnreceivedMax: 2,
  socketUnreceivedMs: 60_000,
  /**
   * Bytes of everything but `changes` that are sent to a client without a sign that it reads; and from how many on it is
   * asked for one.
   */
  socketUnreadBytesMax: 1024 * 1024,
  socketConfirmedBytes: 256 * 1024,
  /** Frames that a client can send over one socket in one window, and their bytes: eight of the largest. */
  socketFramesMax: 100,
  socketFrameBytesMax: 2 * 1024 * 1024,
  socketFramesWindowMs: 10_000,
  presenceUsersMax: 50,
  /** A device heard from within this time is online; clients ping three times as often. */
  presenceFreshMs: 90_000,
  /**
   * How long a mailbox remembers who watches its owner, and how much of that time must pass before it is written again.
   */
  presenceInterestMs: 3_600_000,
  presenceRenewMs: 600_000,
} as const
