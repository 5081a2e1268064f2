export interface Chapter {
  /** The tag of its operations, with a suffix after a colon if there are several folders for that tag. */
  folder: string
  /** Operations, each with the note of a step if it has several. */
  steps: string[]
}

/**
 * The requests of the Postman collection, in an order in which each finds what earlier requests have set up. A step that
 * is not listed comes last in the folder of its operation's tag.
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
    steps: ['updateMe', 'getMe', 'updateMe (Ben)', 'getUser', 'lookUpUsers', 'findUserByUsername', 'reportUser'],
  },
  {
    folder: 'Contacts',
    steps: ['findContacts', 'saveContact', 'listContacts', 'removeContact', 'blockUser', 'listBlocks', 'unblockUser'],
  },
  {
    folder: 'Files',
    steps: [
      'uploadFile (multipart form)',
      'uploadFile (raw bytes)',
      'listFiles',
      'getFileInfo',
      'getFile',
      'getFile (first kilobyte)',
      'deleteFile',
    ],
  },
  {
    folder: 'Messages',
    steps: [
      'sendMessage',
      'sendMessage (retry with the same clientMessageId)',
      'getMessage',
      'listMessages (Ben)',
      'sendMessage (Ben replies)',
      'listMessages (the reply has arrived)',
      'listMessages (those with attachments)',
      'listReceipts',
      'addReaction',
      'listReactions',
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
    folder: 'Groups',
    steps: [
      'createGroup',
      'getGroup',
      'updateGroup',
      'addGroupMembers',
      'listGroupMembers',
      'updateGroupMember',
      'listGroupChanges (a fresh start)',
      'listGroupChanges (since the cursor)',
    ],
  },
  { folder: 'Messages: in a group', steps: ['sendMessage (in the group)'] },
  {
    folder: 'Groups: pins, bans, and the end',
    steps: [
      'pinMessage',
      'listPins',
      'unpinMessage',
      'removeGroupMember',
      'banGroupMember',
      'listGroupBans',
      'unbanGroupMember',
      'createGroupInvite',
      'listGroupInvites',
      'getGroupInvite',
      'joinGroup',
      'listJoinRequests',
      'approveJoinRequest',
      'declineJoinRequest',
      'leaveGroup (Ben)',
      'revokeGroupInvite',
      'endGroup',
    ],
  },
  {
    folder: 'Realtime',
    steps: [
      'listChanges (full copy)',
      'listChanges (since the cursor)',
      'createRealtimeTicket',
      'connectRealtime (over plain HTTP, so 426)',
    ],
  },
  { folder: 'Network', steps: ['getNetwork'] },
  { folder: 'System', steps: ['getHealth'] },
  { folder: 'Profile: export', steps: ['exportMe'] },
  { folder: 'Authentication: new number', steps: ['sendOtp (to Ana’s new number)'] },
  { folder: 'Profile: new number', steps: ['changePhoneNumber'] },
  { folder: 'Authentication: sign out', steps: ['logout', 'endSession (another user’s session, so 404)'] },
  // The next run of the collection starts from scratch.
  { folder: 'Profile: delete account', steps: ['deleteMe'] },
]
