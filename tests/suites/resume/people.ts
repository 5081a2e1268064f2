import { random } from '../../support/random.ts'
import { signIn } from '../runtime/sign-in.ts'
import { Author } from './author.ts'
import { Client } from './client.ts'

const connections = 5
const noteConnections = 3
const crowdSize = 24

const phoneNumber = (index) => `+120255501${String(index).padStart(2, '0')}`

/** Ana, who will be away, Ben, with whom she writes, and a crowd of others. */
export async function signPeopleIn(runtime, seed) {
  const numbers = Array.from({ length: crowdSize + 2 }, (_, index) => phoneNumber(index))
  const users = await Promise.all(numbers.map((number) => signIn(runtime, number)))
  const [ana, ben, ...crowd] = users.map((user) => new Client(runtime.origin, user))
  const authorsOf = (client, chatId, count, name) =>
    Array.from(
      { length: count },
      (_, index) =>
        new Author({ client, chatId, name: `${name}-${index}`, draw: random(seed + name.length * 100 + index) }),
    )
  return {
    ana,
    ben,
    crowd,
    /** Those who write into the chat of Ana and Ben, from both sides. */
    chatting: [...authorsOf(ana, ben.id, connections, 'ana'), ...authorsOf(ben, ana.id, connections, 'benjamin')],
    /** Ana’s other devices, which keep notes to herself. */
    noting: authorsOf(ana, ana.id, noteConnections, 'notes'),
  }
}
