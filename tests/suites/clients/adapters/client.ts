/** What every adapter implements with the functions and types of a generated client. */
export interface GeneratedClient {
  sendOtp(phoneNumber: string): Promise<string>
  verifyOtp(verificationId: string, code: string): Promise<SignedInUser>
  refreshTokens(refreshToken: string): Promise<string>
  updateMe(accessToken: string, firstName: string): Promise<string | null>
  uploadFile(accessToken: string, file: File): Promise<string>
  downloadFile(accessToken: string, fileId: string): Promise<string>
  sendMessage(accessToken: string, chatId: string, message: MessageToSend): Promise<string>
  listChats(accessToken: string): Promise<ListedChat[]>
  listMessages(accessToken: string, chatId: string, limit: number): Promise<ListedMessages>
  react(accessToken: string, chatId: string, messageId: string, emoji: string): Promise<string[]>
  /** The problem code returned for a message, or `none` if it is found. */
  refusalOfMessage(accessToken: string, chatId: string, messageId: string): Promise<string>
}

export interface SignedInUser {
  id: string
  accessToken: string
  refreshToken: string
}

export interface MessageToSend {
  clientMessageId: string
  text: string
  attachmentFileIds: string[]
}

interface ListedChat {
  peerName: string | null | undefined
  unreadCount: number
}

interface ListedMessages {
  texts: string[]
  fileNames: string[]
  nextCursor: string | null
}
