import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { stubOf } from './delivery-faults'

/** A statement of the sources: where it stands, and a pattern of its text in which each inserted part can be anything. */
export interface SourceStatement {
  file: string
  text: string
  pattern: RegExp
}

const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Where a template's inserted part ends, given where it begins. */
function endOfInsertion(source: string, start: number): number {
  let depth = 0
  for (let at = start; at < source.length; at++) {
    if (source[at] === '{') depth++
    if (source[at] === '}' && --depth === 0) return at + 1
    if (source[at] === '`') at = endOfLiteral(source, at) - 1
  }
  throw new Error('A template does not end')
}

/** Where a string or template ends, given where it begins. */
function endOfLiteral(source: string, start: number): number {
  const quote = source[start]
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === quote) return at + 1
    else if (quote === '`' && source.startsWith('${', at)) at = endOfInsertion(source, at + 1) - 1
    else if (quote !== '`' && source[at] === '\n') return start + 1
  }
  return start + 1
}

function* literalsIn(source: string): Generator<string> {
  for (let at = 0; at < source.length; at++) {
    if (source.startsWith('//', at) || source.startsWith('/*', at)) {
      const end = source.indexOf(source[at + 1] === '/' ? '\n' : '*/', at)
      at = end === -1 ? source.length : end
    } else if (`'"\``.includes(source[at] ?? ' ')) {
      const end = endOfLiteral(source, at)
      if (end > at + 1) yield source.slice(at + 1, end - 1)
      at = end - 1
    }
  }
}

function patternOf(literal: string): RegExp {
  let [pattern, rest] = ['', literal]
  for (let start = rest.indexOf('${'); start !== -1; start = rest.indexOf('${')) {
    pattern += `${escaped(rest.slice(0, start))}\0`
    rest = rest.slice(endOfInsertion(rest, start + 1))
  }
  const whole = plain(pattern + escaped(rest)).replaceAll('\0', '.*')
  return new RegExp(`^${whole}$`)
}

/** Every statement that a file of the service spells out, but for the definitions of tables. */
export const statementsIn = (files: Record<string, string>): SourceStatement[] =>
  Object.entries(files).flatMap(([file, source]) =>
    [...literalsIn(source)]
      .filter((literal) => /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|REPLACE)\s/.test(literal))
      .map((literal) => ({ file, text: plain(literal), pattern: patternOf(literal) })),
  )

export interface Executed {
  /** On one line. */
  text: string
  values: unknown[]
}

/** What mailboxes and D1 executed. */
export interface Recorded {
  mailbox: Executed[]
  d1: Executed[]
  stop: () => void
}

/** Records each statement once. */
function recorder() {
  const executed = new Map<string, Executed>()
  return {
    add: (query: string, values: unknown[]) => executed.set(plain(query), { text: plain(query), values }),
    get all() {
      return [...executed.values()]
    },
  }
}

function recordD1(add: (query: string, values: unknown[]) => void): () => void {
  const db = Object.getPrototypeOf(env.DB)
  const statement = Object.getPrototypeOf(env.DB.prepare('SELECT 1'))
  const { prepare } = db
  const { bind } = statement
  const queries = new WeakMap<object, string>()
  db.prepare = function (this: D1Database, query: string) {
    const prepared = prepare.call(this, query)
    queries.set(prepared, query)
    add(query, [])
    return prepared
  }
  statement.bind = function (this: D1PreparedStatement, ...values: unknown[]) {
    add(queries.get(this) ?? '', values)
    return bind.apply(this, values)
  }
  return () => {
    Object.assign(db, { prepare })
    Object.assign(statement, { bind })
  }
}

/** Records what mailboxes and D1 execute, until it is stopped. */
export async function recordStatements(): Promise<Recorded> {
  const [mailbox, d1] = [recorder(), recorder()]
  const sql = await runInDurableObject(stubOf('usr_recorder'), (_, { storage }) => Object.getPrototypeOf(storage.sql))
  const { exec } = sql
  sql.exec = function (this: SqlStorage, query: string, ...values: unknown[]) {
    mailbox.add(query, values)
    return exec.call(this, query, ...values)
  }
  const stopD1 = recordD1(d1.add)
  return {
    get mailbox() {
      return mailbox.all
    },
    get d1() {
      return d1.all
    },
    stop: () => {
      Object.assign(sql, { exec })
      stopD1()
    },
  }
}
