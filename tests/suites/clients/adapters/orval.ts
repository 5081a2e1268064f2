import * as api from '../../../../dist/clients/orval/api'
import type { GeneratedClient } from './client'

/** The origin is built into the generated functions (`baseUrl` in `orval.config.ts`). */
export function client(): GeneratedClient {
  const as = (accessToken: string) => ({ headers: { Authorization: `Bearer ${accessToken}` } })
  const refused = (data: api.Problem) => new Error(data.code)

  return {
    async sendOtp(phoneNumber) {
      const { status, data } = await api.sendOtp({ phoneNumber })
      if (status !== 200) throw refused(data)
      return data.verificationId
    },
    async verifyOtp(verificationId, code) {
      const { status, data } = await api.verifyOtp({ verificationId, code })
      if (status !== 200) throw refused(data)
      return { id: data.user.id, ...data.tokens }
    },
    async refreshTokens(refreshToken) {
      const { status, data } = await api.refreshTokens({ refreshToken })
      if (status !== 200) throw refused(data)
      return data.accessToken
    },
    async updateMe(accessToken, firstName) {
      const { status, data } = await api.updateMe({ firstName }, as(accessToken))
      if (status !== 200) throw refused(data)
      return data.firstName
    },
    async uploadFile(accessToken, file) {
      const { status, data } = await api.uploadFile({ file }, undefined, as(accessToken))
      if (status !== 201) throw refused(data)
      return data.id
    },
    async downloadFile(accessToken, fileId) {
      const { status, data } = await api.getFile(fileId, {}, as(accessToken))
      if (status !== 200) throw new Error(`${status}`)
      return data.text()
    },
    async sendMessage(accessToken, chatId, message) {
      const { status, data } = await api.sendMessage(chatId, message, as(accessToken))
      if (status !== 200 && status !== 201) throw refused(data)
      return data.id
    },
    async listChats(accessToken) {
      const { status, data } = await api.listChats({}, as(accessToken))
      if (status !== 200) throw refused(data)
      return data.items.map(({ peer, unreadCount }) => ({ peerName: peer?.firstName, unreadCount }))
    },
    async listMessages(accessToken, chatId, limit) {
      const { status, data } = await api.listMessages(chatId, { limit }, as(accessToken))
      if (status !== 200) throw refused(data)
      return {
        texts: data.items.map(({ text }) => text),
        fileNames: data.items.flatMap(({ attachments }) => attachments.map(({ name }) => name)),
        nextCursor: data.nextCursor,
      }
    },
    async react(accessToken, chatId, messageId, emoji) {
      const { status, data } = await api.addReaction(chatId, messageId, emoji, as(accessToken))
      if (status !== 200) throw refused(data)
      return data.reactions.map((reaction) => reaction.emoji)
    },
    async refusalOfMessage(accessToken, chatId, messageId) {
      const { status, data } = await api.getMessage(chatId, messageId, as(accessToken))
      return status === 200 ? 'none' : data.code
    },
  }
}
