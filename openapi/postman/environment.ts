interface Variable {
  value?: string
  description: string
  isSecret?: boolean
}

const ofUser = (who: string, name: string, phoneNumber: string): Record<string, Variable> => ({
  [`${who}PhoneNumber`]: { value: phoneNumber, description: `The phone number that ${name} signs in with.` },
  [`${who}Id`]: { description: `The user ID of ${name}, set by verifyOtp.` },
  [`${who}AccessToken`]: { description: 'Set by verifyOtp and refreshed before it expires.', isSecret: true },
  [`${who}AccessTokenExpiresAt`]: { description: 'When the access token must be refreshed at the latest.' },
  [`${who}RefreshToken`]: { description: 'Refreshes the access token.', isSecret: true },
  [`${who}SessionId`]: { description: `The session ID of ${name}.` },
})

/** Every variable that the requests of the collection read, or set for later requests. */
export const variables: Record<string, Variable> = {
  baseUrl: { value: 'http://localhost:8787', description: 'The URL of the server.' },
  code: { description: 'Enter the code that sendOtp sent. `npm start` prints it in its terminal.' },
  ...ofUser('ana', 'Ana', '+12025550101'),
  ...ofUser('ben', 'Ben', '+12025550102'),
  anaNewPhoneNumber: { value: '+12025550103', description: 'The number that Ana changes to.' },
  verificationId: { description: 'Set by sendOtp.' },
  fileId: { description: 'The picture that is attached to a message, set by uploadFile.' },
  otherFileId: { description: 'A picture to delete, set by uploadFile.' },
  clientMessageId: { description: 'Generated for each message before it is sent.' },
  clientGroupId: { description: 'Generated for a group before it is created.' },
  groupMessageId: { description: 'A message in that group, set by sendMessage.' },
  groupId: { description: 'The group of Ana and Ben, set by createGroup.' },
  inviteId: { description: 'An invitation to the group, set by createGroupInvite.' },
  inviteCode: { description: 'The code of that invitation, set by createGroupInvite.' },
  groupCursor: { description: 'Where the changes of the group continue, set by listGroupChanges.' },
  messageId: { description: 'The message that Ana sent, set by sendMessage.' },
  replyId: { description: 'The reply that Ben sent, set by sendMessage.' },
  cursor: { description: 'Where changes continue, set by listChanges.' },
  ticket: { description: 'Opens one WebSocket, set by createRealtimeTicket.' },
  tries: { description: 'How many times a request was repeated while waiting for a delivery.' },
}

const environment = {
  name: 'Big Project: local',
  values: Object.entries(variables).map(([key, { value = '', description, isSecret }]) => ({
    key,
    value,
    type: isSecret ? 'secret' : 'default',
    description,
    enabled: true,
  })),
  _postman_variable_scope: 'environment',
}

/** The Postman environment as it is committed. */
export const postmanEnvironmentText = (): string => `${JSON.stringify(environment, null, 2)}\n`
