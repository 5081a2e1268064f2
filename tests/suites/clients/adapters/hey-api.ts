import * as api from '../../../../dist/clients/hey-api'
import { client as http } from '../../../../dist/clients/hey-api/client.gen'
import type { GeneratedClient } from './client'

export function client(baseUrl: string): GeneratedClient {
  http.setConfig({ baseUrl })
  const as = (accessToken: string) => ({ auth: accessToken, throwOnError: true as const })
  const throwOnError = true as const

  return {
    async sendOtp(phoneNumber) {
      return (await api.sendOtp({ body: { phoneNumber }, throwOnError })).data.verificationId
    },
    async verifyOtp(verificationId, code) {
      const { user, tokens } = (await api.verifyOtp({ body: { verificationId, code }, throwOnError })).data
      return { id: user.id, ...tokens }
    },
    async refreshTokens(refreshToken) {
      return (await api.refreshTokens({ body: { refreshToken }, throwOnError })).data.accessToken
    },
    async updateMe(accessToken, firstName) {
      return (await api.updateMe({ ...as(accessToken), body: { firstName } })).data.firstName
    },
    async uploadFile(accessToken, file) {
      return (await api.uploadFile({ ...as(accessToken), body: { file } })).data.id
    },
    async downloadFile(accessToken, fileId) {
      const { data } = await api.getFile({ ...as(accessToken), path: { fileId }, parseAs: 'blob' })
      return data.text()
    },
    async sendMessage(accessToken, chatId, body) {
      return (await api.sendMessage({ ...as(accessToken), path: { chatId }, body })).data.id
    },
    async listChats(accessToken) {
      const { items } = (await api.listChats(as(accessToken))).data
      return items.map(({ peer, unreadCount }) => ({ peerName: peer?.firstName, unreadCount }))
    },
    async listMessages(accessToken, chatId, limit) {
      const { data } = await api.listMessages({ ...as(accessToken), path: { chatId }, query: { limit } })
      return {
        texts: data.items.map(({ text }) => text),
        fileNames: data.items.flatMap(({ attachments }) => attachments.map(({ name }) => name)),
        nextCursor: data.nextCursor,
      }
    },
    async react(accessToken, chatId, messageId, emoji) {
      const { data } = await api.addReaction({ ...as(accessToken), path: { chatId, messageId, emoji } })
      return data.reactions.map((reaction) => reaction.emoji)
    },
    async refusalOfMessage(accessToken, chatId, messageId) {
      const { error } = await api.getMessage({ auth: accessToken, path: { chatId, messageId } })
      return error?.code ?? 'none'
    },
  }
}
