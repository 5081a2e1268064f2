import type { Operation } from '../src/http/define-route'
import { logout } from './authentication/logout'
import { refreshTokens } from './authentication/refreshTokens'
import { sendOtp } from './authentication/sendOtp'
import { verifyOtp } from './authentication/verifyOtp'
import { blockUser } from './blocks/blockUser'
import { listBlocks } from './blocks/listBlocks'
import { unblockUser } from './blocks/unblockUser'
import { listChanges } from './changes/listChanges'
import { clearChat } from './chats/clearChat'
import { getChat } from './chats/getChat'
import { getUnreadCount } from './chats/getUnreadCount'
import { listChats } from './chats/listChats'
import { markChatRead } from './chats/markChatRead'
import { updateChat } from './chats/updateChat'
import { findContacts } from './contacts/findContacts'
import { listContacts } from './contacts/listContacts'
import { removeContact } from './contacts/removeContact'
import { saveContact } from './contacts/saveContact'
import { deleteFile } from './files/deleteFile'
import { getFile } from './files/getFile'
import { getFileInfo } from './files/getFileInfo'
import { listFiles } from './files/listFiles'
import { uploadFile } from './files/uploadFile'
import { addGroupMembers } from './groups/addGroupMembers'
import { approveJoinRequest } from './groups/approveJoinRequest'
import { banGroupMember } from './groups/banGroupMember'
import { createGroup } from './groups/createGroup'
import { createGroupInvite } from './groups/createGroupInvite'
import { declineJoinRequest } from './groups/declineJoinRequest'
import { endGroup } from './groups/endGroup'
import { getGroup } from './groups/getGroup'
import { getGroupInvite } from './groups/getGroupInvite'
import { joinGroup } from './groups/joinGroup'
import { leaveGroup } from './groups/leaveGroup'
import { listGroupBans } from './groups/listGroupBans'
import { listGroupChanges } from './groups/listGroupChanges'
import { listGroupInvites } from './groups/listGroupInvites'
import { listGroupMembers } from './groups/listGroupMembers'
import { listJoinRequests } from './groups/listJoinRequests'
import { listPins } from './groups/listPins'
import { pinMessage } from './groups/pinMessage'
import { removeGroupMember } from './groups/removeGroupMember'
import { revokeGroupInvite } from './groups/revokeGroupInvite'
import { unbanGroupMember } from './groups/unbanGroupMember'
import { unpinMessage } from './groups/unpinMessage'
import { updateGroup } from './groups/updateGroup'
import { updateGroupMember } from './groups/updateGroupMember'
import { deleteMessage } from './messages/deleteMessage'
import { editMessage } from './messages/editMessage'
import { getMessage } from './messages/getMessage'
import { listMessages } from './messages/listMessages'
import { listReceipts } from './messages/listReceipts'
import { searchMessages } from './messages/searchMessages'
import { sendMessage } from './messages/sendMessage'
import { getNetwork } from './network/getNetwork'
import { changePhoneNumber } from './profile/changePhoneNumber'
import { deleteMe } from './profile/deleteMe'
import { exportMe } from './profile/exportMe'
import { getMe } from './profile/getMe'
import { updateMe } from './profile/updateMe'
import { addReaction } from './reactions/addReaction'
import { listReactions } from './reactions/listReactions'
import { removeReaction } from './reactions/removeReaction'
import { connectRealtime } from './realtime/connectRealtime'
import { createRealtimeTicket } from './realtime/createRealtimeTicket'
import { endOtherSessions } from './sessions/endOtherSessions'
import { endSession } from './sessions/endSession'
import { listSessions } from './sessions/listSessions'
import { getHealth } from './system/getHealth'
import { findUserByUsername } from './users/findUserByUsername'
import { getUser } from './users/getUser'
import { lookUpUsers } from './users/lookUpUsers'
import { reportUser } from './users/reportUser'

/** The API as a table, in the order of the document. */
export const operations: readonly Operation[] = [
  sendOtp,
  verifyOtp,
  refreshTokens,
  logout,
  listSessions,
  endSession,
  endOtherSessions,

  getMe,
  updateMe,
  exportMe,
  changePhoneNumber,
  deleteMe,
  getUser,
  findUserByUsername,
  lookUpUsers,
  reportUser,

  findContacts,
  listContacts,
  saveContact,
  removeContact,
  listBlocks,
  blockUser,
  unblockUser,

  listChats,
  getUnreadCount,
  getChat,
  updateChat,
  clearChat,
  markChatRead,

  createGroup,
  getGroup,
  updateGroup,
  listGroupMembers,
  addGroupMembers,
  updateGroupMember,
  removeGroupMember,
  listGroupBans,
  banGroupMember,
  unbanGroupMember,
  listGroupInvites,
  createGroupInvite,
  revokeGroupInvite,
  getGroupInvite,
  joinGroup,
  listJoinRequests,
  approveJoinRequest,
  declineJoinRequest,
  leaveGroup,
  endGroup,
  listPins,
  pinMessage,
  unpinMessage,
  listGroupChanges,

  listMessages,
  sendMessage,
  getMessage,
  editMessage,
  deleteMessage,
  listReceipts,
  searchMessages,
  listReactions,
  addReaction,
  removeReaction,

  listChanges,
  createRealtimeTicket,
  connectRealtime,

  uploadFile,
  listFiles,
  getFile,
  getFileInfo,
  deleteFile,

  getNetwork,

  getHealth,
]
