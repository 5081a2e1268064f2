import { expect, test } from 'vitest'
import { z } from 'zod'
import { postmanCollectionText } from '../../openapi/postman/collection'
import { postmanEnvironmentText, variables } from '../../openapi/postman/environment'
import { folders } from '../../openapi/postman/steps'
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
const steps = folders.flatMap((folder) => folder.steps)
const operationOf = (operationId: string) => documentedOperations.find((one) => one.operationId === operationId)

test('the collection is the committed one', async () => {
  await expect(collectionText).toMatchFileSnapshot('../../openapi/postman-collection.json')
})

test('the environment is the committed one', async () => {
  await expect(postmanEnvironmentText()).toMatchFileSnapshot('../../openapi/postman-environment.json')
})

test('the collection calls every operation, in the folder of its tag', () => {
  const called = new Set(steps.map(({ operationId }) => operationId))
  expect([...called].toSorted()).toEqual(documentedOperations.map(({ operationId }) => operationId).toSorted())
  for (const folder of folders)
    for (const { operationId } of folder.steps)
      expect(folder.name.split(':')[0], operationId).toBe(operationOf(operationId)?.tags?.[0])
})

test('each request expects a status that the document declares, and gives every parameter that is needed', () => {
  for (const { operationId, status, params = {}, query = {} } of steps) {
    const operation = operationOf(operationId)
    expect(Object.keys(operation?.responses ?? {}), operationId).toContain(String(status))
    for (const parameter of operation?.parameters ?? []) {
      if (!parameter.required || parameter.in === 'header') continue
      expect(parameter.in === 'path' ? params : query, operationId).toHaveProperty(parameter.name)
    }
  }
})

test('each request says what it must answer, and the first of each operation how answers look', () => {
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
