// Somebody without a window: they use the API as it is documented.

export async function visit({ origin, codeFor }, phoneNumber) {
  let accessToken: string | undefined
  const ask = async (method, path, body) => {
    const headers = {
      'Content-Type': 'application/json',
      ...(accessToken && { Authorization: `Bearer ${accessToken}` }),
    }
    const response = await fetch(`${origin}/v1${path}`, { method, headers, body: body && JSON.stringify(body) })
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
    return response.json()
  }
  const { verificationId } = await ask('POST', '/auth/otp', { phoneNumber })
  const signedIn = await ask('POST', '/auth/otp/verify', { verificationId, code: await codeFor(phoneNumber) })
  accessToken = signedIn.tokens.accessToken
  return {
    accessToken,
    async call(name) {
      const [firstName, lastName] = name.split(' ')
      await ask('PATCH', '/me', { firstName, lastName })
    },
    async write(toNumber, text) {
      const { matches } = await ask('POST', '/contacts/find', { phoneNumbers: [toNumber] })
      await ask('POST', `/chats/${matches[0].user.id}/messages`, { clientMessageId: crypto.randomUUID(), text })
    },
  }
}
