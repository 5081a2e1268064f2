import type { Block } from '../../schemas/block'
import type { Contact } from '../../schemas/contact'
import type { File } from '../../schemas/file'
import type { Session } from '../../schemas/session'
import type { Me, User } from '../../schemas/user'

/** Ana, the caller, and Ben, whom she writes to, in every example of both documents. */
export const [anaId, benId] = ['usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC', 'usr_01KAT5M8E1T3P5Y7W9D2C4V6BN']
export const [sessionId, otherSessionId] = ['ses_01KAT5K70M2R9D6W4T8E3J5FPA', 'ses_01KAT2B3CDEFGHJKMNPQRSTVWX']
export const verificationId = 'ver_01KAT5JZ4S7C1H9G0K2QX6B8VN'
export const [anaNumber, benNumber] = ['+351912345678', '912 345 679']

const signature = 'q3Zk0cE2vY1sX8nB5mL7tR4wJ6hG9dF0aP2uI1oK3xE'

const linkTo = (fileId: string, reader = '') =>
  `https://api.example.com/v1/files/${fileId}?expires=1795515300${reader}&signature=${signature}`

export const picture: File = {
  id: 'fil_01KAT5P2C3N8W5R7Y1Z4M6D9TQ',
  name: 'lighthouse.jpg',
  contentType: 'image/jpeg',
  size: 48_213,
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  width: 640,
  height: 420,
  durationMs: null,
  blurHash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
  url: linkTo('fil_01KAT5P2C3N8W5R7Y1Z4M6D9TQ', `&reader=${anaId}`),
  createdAt: '2026-11-24T09:29:40.000Z',
}

export const ben: User = {
  id: benId,
  username: 'ben_costa',
  firstName: 'Ben',
  lastName: 'Costa',
  about: 'At sea until Friday',
  avatarFileId: 'fil_01KAT5N1B7K4V8Q2W6E9R3T5YH',
  avatarUrl: linkTo('fil_01KAT5N1B7K4V8Q2W6E9R3T5YH'),
  metadata: null,
}

/** Ana when she has just signed in for the first time. */
export const newcomer: Me = {
  id: anaId,
  username: null,
  firstName: null,
  lastName: null,
  about: null,
  avatarFileId: null,
  avatarUrl: null,
  metadata: null,
  phoneNumber: anaNumber,
  presenceAudience: 'everyone',
  readMarkAudience: 'everyone',
  messageAudience: 'everyone',
  groupAddsAudience: 'everyone',
  presenceHidden: false,
  discoverable: true,
  createdAt: '2026-11-24T09:20:00.000Z',
  updatedAt: '2026-11-24T09:20:00.000Z',
}

export const ana: Me = {
  ...newcomer,
  username: 'ana_silva',
  firstName: 'Ana',
  lastName: 'Silva',
  updatedAt: '2026-11-24T09:21:30.000Z',
}

export const session: Session = {
  id: sessionId,
  deviceName: 'Ana’s phone',
  platform: 'ios',
  country: 'PT',
  city: 'Lisbon',
  network: 'Example Telecom',
  createdAt: '2026-11-24T09:20:00.000Z',
  lastUsedAt: '2026-11-24T09:20:00.000Z',
  current: true,
}

export const otherSession: Session = {
  id: otherSessionId,
  deviceName: null,
  platform: 'web',
  country: 'PT',
  city: 'Porto',
  network: 'Example Fiber',
  createdAt: '2026-11-20T18:02:11.000Z',
  lastUsedAt: '2026-11-23T21:47:03.000Z',
  current: false,
}

export const contact: Contact = {
  userId: benId,
  name: 'Ben from the harbor',
  user: ben,
  createdAt: '2026-11-24T09:25:00.000Z',
  updatedAt: '2026-11-24T09:25:00.000Z',
}

export const block: Block = { userId: benId, user: ben, createdAt: '2026-11-24T10:00:00.000Z' }
