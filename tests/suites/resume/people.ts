import { random } from '../../support/random.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { acquaint, signIn } from '../runtime/sign-in.ts'
import { Author } from './author.ts'
import { Client } from './client.ts'

const connections = 5
const noteConnections = 3
const crowdSize = 24

export interface People {
  ana: Client
  ben: Client
  crowd: [Client, Client, Client, ...Client[]]
  /** The authors in the chat between Ana and Ben, on both sides. */
  chatting: Author[]
  /** Ana’s other devices, which write notes to self. */
  noting: Author[]
}

const phoneNumber = (index: number) => `+120255501${String(index).padStart(2, '0')}`

/** Signs in Ana, who goes offline; Ben, whom she chats with; and a crowd of others. */
export async function signPeopleIn(runtime: Runtime, seed: number): Promise<People> {
  const numbers = Array.from({ length: crowdSize + 2 }, (_, index) => phoneNumber(index))
  const users = await Promise.all(numbers.map((number) => signIn(runtime, number)))
  await acquaint(runtime, users)
  const [ana, ben, cleo, dan, eve, ...others] = users.map((user) => new Client(runtime.origin, user))
  if (!ana || !ben || !cleo || !dan || !eve) throw new Error('Too few users signed in')
  const authorsOf = (client: Client, chatId: string, count: number, name: string) =>
    Array.from(
      { length: count },
      (_, index) =>
        new Author({ client, chatId, name: `${name}-${index}`, draw: random(seed + name.length * 100 + index) }),
    )
  return {
    ana,
    ben,
    crowd: [cleo, dan, eve, ...others],
    chatting: [...authorsOf(ana, ben.id, connections, 'ana'), ...authorsOf(ben, ana.id, connections, 'benjamin')],
    noting: authorsOf(ana, ana.id, noteConnections, 'notes'),
  }
}
