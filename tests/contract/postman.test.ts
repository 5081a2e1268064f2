import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { OperationExamples } from '../../openapi/examples/operation-examples'
import * as operationExamples from '../../openapi/operations'
import { postmanCollectionText } from '../../openapi/postman/collection'
import { postmanEnvironmentText, variables } from '../../openapi/postman/environment'
import { foldersOf } from '../../openapi/postman/folders'
import { story } from '../../openapi/postman/story'
import { documentedOperations } from '../support/check-response'

const Item = z.object({
  id: z.string(),
  name: z.string(),
  event: z.array(z.object({ listen: z.string(), script: z.object({ exec: z.array(z.string()) }) })),
  request: z.object({ method: z.string(), url: z.object({ raw: z.string() }) }),
  response: z.array(z.object({ code: z.number(), name: z.string(), body: z.string() })),
})
const Collection = z.object({ item: z.array(z.object({ name: z.string(), item: z.array(Item) })) })

const collectionText = postmanCollectionText()
const items = Collection.parse(JSON.parse(collectionText)).item.flatMap((folder) => folder.item)
const operationOf = (operationId: string) => documentedOperations.find((one) => one.operationId === operationId)
const tagOf = (operationId: string) => operationOf(operationId)?.tags?.[0]
const folders = foldersOf(story, operationExamples, tagOf)
const steps = folders.flatMap((folder) => folder.steps)

test('the generated collection matches the committed one', async () => {
  await expect(collectionText).toMatchFileSnapshot('../../openapi/postman-collection.json')
})

test('the generated environment matches the committed one', async () => {
  await expect(postmanEnvironmentText()).toMatchFileSnapshot('../../openapi/postman-environment.json')
})

test('the collection calls every operation, in the folder of its tag', () => {
  const called = new Set(steps.map(({ operationId }) => operationId))
  expect([...called].toSorted()).toEqual(documentedOperations.map(({ operationId }) => operationId).toSorted())
  for (const folder of folders)
    for (const { operationId } of folder.steps) expect(folder.name.split(':')[0], operationId).toBe(tagOf(operationId))
})

test('each request expects a status that the document declares and supplies every required parameter', () => {
  for (const { operationId, status, params = {}, query = {} } of steps) {
    const operation = operationOf(operationId)
    expect(Object.keys(operation?.responses ?? {}), operationId).toContain(String(status))
    for (const parameter of operation?.parameters ?? []) {
      if (!parameter.required || parameter.in === 'header') continue
      expect(parameter.in === 'path' ? params : query, operationId).toHaveProperty(parameter.name)
    }
  }
})

test('each request asserts its status, and the first of each operation has example responses', () => {
  const statuses = steps.map(({ status }) => `pm.response.to.have.status(${status})`)
  items.forEach(({ event, name }, index) => {
    const lines = event.find(({ listen }) => listen === 'test')?.script.exec.join('\n')
    expect(lines, name).toContain(statuses[index])
  })
  for (const { operationId } of documentedOperations) {
    const saved = items.find(({ id }) => id === operationId)?.response ?? []
    expect(
      saved.some(({ code }) => code >= 400),
      operationId,
    ).toBe(true)
    const hasBody = Object.entries(operationOf(operationId)?.responses ?? {}).some(
      ([status, { content = {} }]) => /^2/.test(status) && 'application/json' in content,
    )
    expect(
      saved.some(({ code }) => code < 300),
      operationId,
    ).toBe(hasBody)
  }
})

test('every variable that a request reads is in the environment', () => {
  const read = [...collectionText.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => String(name))
  expect(Object.keys(variables)).toEqual(expect.arrayContaining([...new Set(read)]))
})

describe('the Postman story', () => {
  const operation = (...steps: OperationExamples['steps']): OperationExamples => ({
    problem: { code: 'not_found' },
    steps,
  })
  const sendOtp = operation({ note: 'Ana', status: 200 }, { note: 'Ben', status: 200 })
  const told = [{ folder: 'Authentication', steps: ['sendOtp (Ben)', 'sendOtp (Ana)'] }]
  const tags: Record<string, string> = { sendOtp: 'Authentication', logout: 'Authentication', getMe: 'Profile' }
  const foldersWith = (operations: Record<string, OperationExamples>, chapters = told) =>
    foldersOf(chapters, operations, (operationId) => tags[operationId])

  test('sets the order of the requests, and those it omits come last in the folder of their tag', () => {
    expect(foldersWith({ logout: operation({ status: 204 }), sendOtp })).toEqual([
      {
        name: 'Authentication',
        steps: [
          { operationId: 'sendOtp', note: 'Ben', status: 200 },
          { operationId: 'sendOtp', note: 'Ana', status: 200 },
          { operationId: 'logout', status: 204 },
        ],
      },
    ])
  })

  test('names only existing steps, each once', () => {
    expect(() => foldersWith({ sendOtp: operation({ note: 'Ana', status: 200 }) })).toThrow(/sendOtp \(Ben\)/)
    expect(() => foldersWith({ sendOtp }, [...told, ...told])).toThrow(/sendOtp \(Ben\)/)
    const twins = operation({ status: 204 }, { status: 204 })
    expect(() => foldersWith({ sendOtp, logout: twins })).toThrow(/two steps named logout/)
  })

  test('needs a folder for each tag', () => {
    expect(() => foldersWith({ sendOtp, getMe: operation({ status: 200 }) })).toThrow(/getMe/)
  })
})
