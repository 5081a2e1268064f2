export interface Chapter {
  /** The tag of its operations; after a colon, what tells it apart from other folders of that tag. */
  folder: string
  /** Each an operation and, where it has several steps, the note of one: as Postman shows them. */
  steps: string[]
}

/**
 * The requests of the Postman collection in the order in which each finds what those before it left. A step that is not
 * listed comes last in the folder of its operation's tag.
 */
export const story: Chapter[] = [
  {
    folder: 'Authentication',
    steps: [
      'sendOtp (Ben)',
      'verifyOtp (Ben)',
      'sendOtp (Ana)',
      'verifyOtp (Ana)',
      'refreshTokens',
      'listSessions',
      'endOtherSessions',
    ],
  },
  {
    folder: 'Profile',
    steps: ['updateMe', 'getMe', 'updateMe (Ben)', 'getUser', 'findUserByUsername', 'reportUser'],
  },
  {
    folder: 'Contacts',
    steps: ['findContacts', 'saveContact', 'listContacts', 'removeContact', 'blockUser', 'listBlocks', 'unblockUser'],
  },
  {
    folder: 'Files',
    steps: [
      'uploadFile (a form)',
      'uploadFile (the bytes alone)',
      'listFiles',
      'getFileInfo',
      'getFile',
      'getFile (the first kilobyte)',
      'deleteFile',
    ],
  },
  {
    folder: 'Messages',
    steps: [
      'sendMessage',
      'sendMessage (again, with the same clientMessageId)',
      'getMessage',
      'listMessages (Ben)',
      'sendMessage (Ben answers)',
      'listMessages (the answer has come)',
      'addReaction',
      'removeReaction',
      'editMessage',
      'searchMessages',
      'deleteMessage',
    ],
  },
  {
    folder: 'Chats',
    steps: ['listChats', 'getUnreadCount', 'getChat', 'markChatRead', 'updateChat', 'clearChat'],
  },
  {
    folder: 'Realtime',
    steps: [
      'listChanges (everything)',
      'listChanges (what is new)',
      'createRealtimeTicket',
      'connectRealtime (over HTTP: no WebSocket, so 426)',
    ],
  },
  { folder: 'Network', steps: ['getNetwork'] },
  { folder: 'System', steps: ['getHealth'] },
  { folder: 'Profile: everything', steps: ['exportMe'] },
  { folder: 'Authentication: a new number', steps: ['sendOtp (to the new number of Ana)'] },
  { folder: 'Profile: a new number', steps: ['changePhoneNumber'] },
  { folder: 'Authentication: signing out', steps: ['logout', 'endSession (not one’s own, so 404)'] },
  // Whoever runs the collection again begins from nothing.
  { folder: 'Profile: leaving', steps: ['deleteMe'] },
]
