import { type OperationExamples, single } from '../examples/operation-examples'
import { ana, picture } from '../examples/people'
import { refusal } from '../examples/problems'

export const updateMe: OperationExamples = {
  body: {
    names: {
      summary: 'A name and a username',
      value: { username: ana.username, firstName: ana.firstName, lastName: ana.lastName },
    },
    picture: { summary: 'A profile picture', value: { avatarFileId: picture.id } },
    metadata: { summary: 'Custom data of the app', value: { metadata: { pronouns: 'she/her', team: 'harbor' } } },
    clear: { summary: 'Clear the text about yourself', value: { about: null } },
    hidden: { summary: 'No longer be found by phone number', value: { discoverable: false } },
  },
  responses: { 200: single('Ana', ana) },
  problem: refusal('username_taken', '/username', 'Another user has this username.'),
  steps: [
    { status: 200, body: { firstName: 'Ana', lastName: 'Silva', username: 'ana_silva' } },
    { note: 'Ben', as: 'ben', status: 200, body: { firstName: 'Ben', lastName: 'Costa', username: 'ben_costa' } },
  ],
}
