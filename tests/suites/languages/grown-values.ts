// Makes of an answer what a later version of the service could send: a field that is new, values that no enum lists, groups.

export interface Schema {
  $ref?: string
  type?: string | string[]
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  items?: Schema
  'x-extensible-enum'?: unknown[]
}

interface Operation {
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>
}

export interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

/** A value that no enum of the document lists. */
export const addedLater = 'added_later'

export const groupId = 'grp_01KAT5M8E1T3P5Y7W9D2C4V6BN'

const componentOf = ({ $ref = '' }: Schema) => $ref.slice($ref.lastIndexOf('/') + 1)

/** Another element for lists that groups will be in. */
const ofGroups: Record<string, object> = {
  Chat: { id: groupId, peer: null, lastMessage: null },
  Message: { id: 'msg_later', chatId: groupId, senderId: 'bot_later', replyTo: null },
}

export class Grower {
  readonly #document: Document

  constructor(document: Document) {
    this.#document = document
  }

  /** The schema of a JSON response, if the document declares one. */
  schemaOf(method: string, path: string, status: number, type: string): Schema | undefined {
    for (const [template, methods] of Object.entries(this.#document.paths)) {
      const isPath = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path)
      const schema = isPath && methods[method.toLowerCase()]?.responses[status]?.content?.[type]?.schema
      if (schema) return schema
    }
    return undefined
  }

  #resolved(schema: Schema): Schema {
    const target = this.#document.components.schemas[componentOf(schema)]
    if (target) return this.#resolved(target)
    const choice = schema.anyOf?.find(({ type }) => type !== 'null')
    return choice ? this.#resolved(choice) : schema
  }

  grown(schema: Schema, value: unknown): unknown {
    const { properties = {}, items = {}, ...whole } = this.#resolved(schema)
    if (value === null) return null
    if (whole['x-extensible-enum']) return addedLater
    if (Array.isArray(value)) {
      const own = value.map((one) => this.grown(items, one))
      const ofGroup = ofGroups[componentOf(items)]
      return ofGroup && own.length > 0 ? [...own, { ...Object(own[0]), ...ofGroup }] : own
    }
    if (typeof value !== 'object') return value
    const members = Object.entries(value).map(([name, member]) => [name, this.grown(properties[name] ?? {}, member)])
    return { ...Object.fromEntries(members), addedLater: { kind: addedLater, count: 2 ** 40, list: [null] } }
  }
}
