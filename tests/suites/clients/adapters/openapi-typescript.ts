import createClient from 'openapi-fetch'
import type { paths } from '../../../../dist/clients/openapi-typescript/schema'
import type { GeneratedClient } from './client'

export function client(baseUrl: string): GeneratedClient {
  const http = createClient<paths>({ baseUrl })
  const as = (accessToken: string) => ({ headers: { Authorization: `Bearer ${accessToken}` } })

  const orThrow = <T>({ data, error }: { data?: T; error?: { code: string } }): T => {
    if (data === undefined) throw new Error(error?.code)
    return data
  }

  return {
    async sendOtp(phoneNumber) {
      return orThrow(await http.POST('/v1/auth/otp', { body: { phoneNumber } })).verificationId
    },
    async verifyOtp(verificationId, code) {
      const { user, tokens } = orThrow(await http.POST('/v1/auth/otp/verify', { body: { verificationId, code } }))
      return { id: user.id, ...tokens }
    },
    async refreshTokens(refreshToken) {
      return orThrow(await http.POST('/v1/auth/refresh', { body: { refreshToken } })).accessToken
    },
    async updateMe(accessToken, firstName) {
      return orThrow(await http.PATCH('/v1/me', { ...as(accessToken), body: { firstName } })).firstName
    },
    async uploadFile(accessToken, file) {
      const form = new FormData()
      form.set('file', file)
      // A binary body is typed as `string`; the form is made here.
      const request = { ...as(accessToken), body: { file: '' }, bodySerializer: () => form }
      return orThrow(await http.POST('/v1/files', request)).id
    },
    async downloadFile(accessToken, fileId) {
      const params = { path: { fileId } }
      return orThrow(await http.GET('/v1/files/{fileId}', { ...as(accessToken), params, parseAs: 'text' }))
    },
    async sendMessage(accessToken, chatId, body) {
      const path = '/v1/chats/{chatId}/messages'
      return orThrow(await http.POST(path, { ...as(accessToken), params: { path: { chatId } }, body })).id
    },
    async listChats(accessToken) {
      const { items } = orThrow(await http.GET('/v1/chats', as(accessToken)))
      return items.map(({ peer, unreadCount }) => ({ peerName: peer?.firstName, unreadCount }))
    },
    async listMessages(accessToken, chatId, limit) {
      const params = { path: { chatId }, query: { limit } }
      const page = orThrow(await http.GET('/v1/chats/{chatId}/messages', { ...as(accessToken), params }))
      return {
        texts: page.items.map(({ text }) => text),
        fileNames: page.items.flatMap(({ attachments }) => attachments.map(({ name }) => name)),
        nextCursor: page.nextCursor,
      }
    },
    async react(accessToken, chatId, messageId, emoji) {
      const params = { path: { chatId, messageId, emoji } }
      const path = '/v1/chats/{chatId}/messages/{messageId}/reactions/{emoji}'
      const { reactions } = orThrow(await http.PUT(path, { ...as(accessToken), params }))
      return reactions.map((reaction) => reaction.emoji)
    },
    async refusalOfMessage(accessToken, chatId, messageId) {
      const params = { path: { chatId, messageId } }
      const { error } = await http.GET('/v1/chats/{chatId}/messages/{messageId}', { ...as(accessToken), params })
      return error?.code ?? 'none'
    },
  }
}
