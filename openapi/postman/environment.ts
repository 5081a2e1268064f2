interface Variable {
  value?: string
  description: string
  isSecret?: boolean
}

const ofUser = (who: string, name: string, phoneNumber: string): Record<string, Variable> => ({
  [`${who}PhoneNumber`]: { value: phoneNumber, description: `${name} signs in with it.` },
  [`${who}Id`]: { description: `The user id of ${name}, kept by verifyOtp.` },
  [`${who}AccessToken`]: { description: 'Kept by verifyOtp, renewed before it expires.', isSecret: true },
  [`${who}AccessTokenExpiresAt`]: { description: 'When it is renewed at the latest.' },
  [`${who}RefreshToken`]: { description: 'Renews the access token.', isSecret: true },
  [`${who}SessionId`]: { description: `The session of ${name}.` },
})

/** Everything that the requests of the collection read, or keep for those after them. */
export const variables: Record<string, Variable> = {
  baseUrl: { value: 'http://localhost:8787', description: 'Where the server is.' },
  code: { description: 'Type the code here that sendOtp sent. `npm start` prints it in its terminal.' },
  ...ofUser('ana', 'Ana', '+12025550101'),
  ...ofUser('ben', 'Ben', '+12025550102'),
  anaNewPhoneNumber: { value: '+12025550103', description: 'What Ana changes her number to.' },
  verificationId: { description: 'Kept by sendOtp.' },
  fileId: { description: 'The picture that travels with a message, kept by uploadFile.' },
  otherFileId: { description: 'A picture to delete, kept by uploadFile.' },
  clientMessageId: { description: 'Made anew for each message, before it is sent.' },
  messageId: { description: 'What Ana wrote, kept by sendMessage.' },
  replyId: { description: 'What Ben answered, kept by sendMessage.' },
  cursor: { description: 'Where changes go on, kept by listChanges.' },
  ticket: { description: 'Opens a WebSocket once, kept by createRealtimeTicket.' },
  tries: { description: 'How often a request was repeated until a delivery came through.' },
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
