/**
 * Every bound of the service, with its unit and its reason. Those that an owner may change are in `config.ts`. Which of
 * them limit use, where it is counted and by what, is in `usage-limits.ts`.
 */
export const limits = {
  /** A JSON body: 16,000 characters of text as `\uXXXX` pairs are 192 kB. */
  jsonBodyBytesMax: 256 * 1024,
  /** Code points of one message's text. */
  textCharactersMax: 16_000,
  attachmentsMax: 10,
  nameCharactersMax: 64,
  aboutCharactersMax: 500,
  usernameCharactersMin: 3,
  usernameCharactersMax: 32,
  deviceNameCharactersMax: 64,
  /** ISO 3166-1 alpha-2. */
  countryCharactersMax: 2,
  cityCharactersMax: 64,
  /** Names of those who own networks are those of companies. */
  networkCharactersMax: 128,
  clientMessageIdCharactersMax: 64,
  fileNameCharactersMax: 255,
  contentTypeCharactersMax: 127,
  /** As people type them: 15 digits (E.164) with separators. */
  phoneInputCharactersMax: 32,
  findContactsMax: 500,
  contactsMax: 10_000,
  reportCommentCharactersMax: 1_000,
  /** Copied into one row, of which D1 takes 2 MB: texts of 16,000 characters that JSON escapes are 96 kB each. */
  reportMessagesMax: 20,
  /** Different emoji of one user under one message. */
  reactionsMax: 20,
  /** Reactions that one user took back of one message and that are remembered, the latest ones. */
  removedReactionsMax: 50,
  pageDefault: 50,
  pageMax: 200,

  searchCharactersMax: 100,
  /** Words of one search. Each is a walk through all that begin so: 4 ms where 60,000 messages have one. */
  searchWordsMax: 16,
  /** Messages that leave the search index in one block when a chat is cleared. */
  searchRemovalsMax: 1_000,

  /** As the provider has it. */
  otpLifetimeSeconds: 600,
  /** How long a code that was not entered delays the next one: after the first, the second, and so on; the last figure for all after that. */
  otpCooldownSeconds: [60, 120, 300, 600],
  /** The open code is replaced, not sent again, when it has less time left than this: it must arrive and be typed. */
  otpRemainingSecondsMin: 120,
  /** The provider's ten minutes begin when it hears of a code, a little after ours. */
  otpLapseSeconds: 60,
  /** Codes that the provider checks of one of its verifications, and how often it sends one, before it must be a new one. */
  otpChecksMax: 5,
  otpSendsPerCode: 5,
  /** Of these checks, what one verification may take while others are open for the number, and what is reserved for each that is better known. */
  otpChecksShared: 2,
  /** A lost reply must not cost another message: the same code succeeds again for this long. */
  otpRepeatSeconds: 60,
  /** Verifications of one number that the same code proves within this time are proven concurrently. */
  otpConcurrentSeconds: 2,
  /** How long a verification is remembered; it names a phone number. */
  otpRecordSeconds: 86_400,
  /** Outdated rows that one send removes: more than it adds. */
  otpRowsPurgedAtOnce: 20,
  /** Pending sends of a country that are counted for the risk rule; no row of it asks for more. */
  otpPendingCounted: 500,
  /** How long a network is known after it has signed in with a number, and how many of one number. */
  networkKnownSeconds: 180 * 86_400,
  networksKnownMax: 50,
  otpCodeDigits: 6,
  /** The limiter in `wrangler.toml`. */
  shieldRequestsMax: 60,
  shieldSeconds: 60,
  otpProviderTimeoutMs: 5_000,
  turnstileTimeoutMs: 5_000,
  turnstileTokenCharactersMax: 2_048,

  /** A replaced refresh token still answers with its successor this long, for clients that lost the reply. */
  refreshGraceSeconds: 30,
  /** Steps remembered for that grace; more rotations within it than this is no honest client. */
  refreshStepsMax: 64,
  /** How far an ancestor is walked forward: 400 days at one refresh in ten minutes is 57,600. */
  refreshWalkMax: 60_000,
  sessionsMax: 50,
  /** How far the last use that is shown of a session may lie behind: a refresh that moves it is a change for every device. */
  sessionShownMs: 3_600_000,

  /** Ordinary plans refuse request bodies over 100 MB before a worker sees them. */
  fileBytesMax: 95 * 1024 * 1024,
  /** R2's smallest part; all parts but the last are equal. Each upload holds two, of an isolate's 128 MB. */
  filePartBytes: 5 * 1024 * 1024,
  /** What a form adds to its file: the boundary, twice, and the headers of the part. */
  formOverheadBytesMax: 16 * 1024,
  /** How long a failed or finished removal waits for its (next) clean-up. The route that asked removes the object itself. */
  fileCleanUpMs: 60_000,
  /** R2 deletes up to 1,000 objects in one call. */
  filesCleanedAtOnce: 500,
  fileReservationSeconds: 3_600,
  fileLinkSeconds: 3_600,
  /** Links expire on multiples of this, so that a URL stays the same, and cached, for a while. */
  fileLinkStepSeconds: 900,

  /** Messages that wait for one peer. A mailbox that does not answer for long must not fill its peers. */
  undeliveredMax: 1_000,
  /** One page of changes, about: a socket's frame. */
  changesBytesMax: 1024 * 1024,
  /** One delivery to a peer: at most this many rows and bytes. */
  deliveryRowsMax: 100,
  deliveryBytesMax: 1024 * 1024,
  /** Twenty attempts an hour at most, at a peer that does not answer. */
  deliveryRetryMs: 1_000,
  deliveryRetryMaxMs: 6 * 60_000,
  /** When the alarm looks again after a write whose own delivery has not been confirmed. */
  deliveryAlarmMs: 5_000,
  /** A call to a peer's mailbox that takes longer has failed; the next one repeats it. */
  deliveryTimeoutMs: 30_000,
  /** A delivery that takes longer lets the next ones start beside it. */
  deliverySlowMs: 1_000,
  /** Peers that one alarm serves, at most, and how many of them at a time. */
  deliveriesPerAlarm: 200,
  deliveriesAtOnce: 6,
  /** How long an alarm waits for its jobs: while it rings, no other alarm of the object does. */
  alarmWaitMs: 2_000,
  /** A job of an alarm that takes longer has failed. */
  alarmJobMs: 60_000,
  /** How long a job that failed waits, doubling: twenty attempts an hour at most. */
  alarmRetryMs: 2_000,
  alarmRetryMaxMs: 6 * 60_000,
  /** A change of profile that D1 has and the mailbox has not heard of is fetched after this. */
  profileSyncMs: 10_000,

  /** What an export reads at once, and holds in memory: rows, and about as many characters of them. */
  exportRowsMax: 1_000,
  exportCharactersMax: 1024 * 1024,

  /** How long an erasure waits for peers whose mailboxes cannot be reached. The law gives a month (GDPR, article 12). */
  erasurePatienceMs: 28 * 86_400_000,

  /** How long a ticket opens a socket: it travels in a URL, and URLs end up in logs. */
  ticketSeconds: 30,
  frameIdCharactersMax: 64,
  /** Sockets of one user; the oldest goes. */
  socketsMax: 20,
  /** Frames of changes sent ahead of the client's word that it has stored them, and how long it may take to say so. */
  socketUnreceivedMax: 2,
  socketUnreceivedMs: 60_000,
  /** Frames that a socket may send in one window. */
  socketFramesMax: 100,
  socketFramesWindowMs: 10_000,
  presenceUsersMax: 50,
  /** A device heard of in this time is online; clients ping three times as often. */
  presenceFreshMs: 90_000,
  /** How long a mailbox remembers who watches its owner; it is written anew when this much of it has passed. */
  presenceInterestMs: 3_600_000,
  presenceRenewMs: 600_000,
} as const
