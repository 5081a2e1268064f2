import { answerId, attachment, clientMessageId, place, question, read } from '../examples/conversation'
import { type OperationExamples, single } from '../examples/operation-examples'
import { picture } from '../examples/people'
import { textTooLong } from '../examples/problems'
import { withAna, withBen } from '../postman/step'

const withPicture = {
  params: withBen,
  body: {
    clientMessageId: '{{clientMessageId}}',
    text: 'Did you see the lighthouse?',
    attachmentFileIds: ['{{fileId}}'],
    metadata: place,
  },
}

export const sendMessage: OperationExamples = {
  mistake: textTooLong,
  body: {
    text: { summary: 'Text', value: { clientMessageId, text: question.text } },
    picture: {
      summary: 'A picture without text',
      value: { clientMessageId: 'c0ffee00-1d2e-4f3a-8b4c-5d6e7f809101', attachmentFileIds: [picture.id] },
    },
    reply: {
      summary: 'A reply to a message',
      value: { clientMessageId: 'c0ffee00-1d2e-4f3a-8b4c-5d6e7f809102', text: 'So close!', replyToId: answerId },
    },
    metadata: {
      summary: 'Custom data of the app: a location',
      value: { clientMessageId: 'c0ffee00-1d2e-4f3a-8b4c-5d6e7f809103', text: 'I am here', metadata: place },
    },
  },
  responses: {
    201: {
      text: { summary: 'Text', value: question },
      picture: {
        summary: 'A picture without text',
        value: {
          ...question,
          id: 'msg_01KAT5RD4C7M2Q6V9Z3H8K1N5T',
          clientMessageId: 'c0ffee00-1d2e-4f3a-8b4c-5d6e7f809101',
          text: '',
          attachments: [attachment],
          createdAt: '2026-11-24T09:30:40.000Z',
        },
      },
      metadata: {
        summary: 'Custom data of the app: a location',
        value: {
          ...question,
          id: 'msg_01KAT5RM2B8E5S1W7X4J6P9D3F',
          clientMessageId: 'c0ffee00-1d2e-4f3a-8b4c-5d6e7f809103',
          text: 'I am here',
          metadata: place,
          createdAt: '2026-11-24T09:30:50.000Z',
        },
      },
    },
    200: single('Already stored, and read in the meantime', read),
  },
  problem: { code: 'chat_not_found' },
  steps: [
    { ...withPicture, status: 201, fresh: ['clientMessageId'], keep: { messageId: 'id' } },
    { ...withPicture, note: 'retry with the same clientMessageId', status: 200 },
    {
      note: 'Ben replies',
      as: 'ben',
      status: 201,
      params: withAna,
      fresh: ['clientMessageId'],
      body: { clientMessageId: '{{clientMessageId}}', text: 'From far away.', replyToId: '{{messageId}}' },
      keep: { replyId: 'id' },
    },
    {
      note: 'in the group',
      status: 201,
      params: { chatId: '{{groupId}}' },
      fresh: ['clientMessageId'],
      body: { clientMessageId: '{{clientMessageId}}', text: 'Who takes the night watch?' },
      keep: { groupMessageId: 'id' },
    },
  ],
}
