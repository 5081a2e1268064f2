import type { OperationExamples } from '../examples/operation-examples'
import type { PostmanStep } from './step'
import type { Chapter } from './story'

/** A request of the collection and the operation that it calls. */
export interface Step extends PostmanStep {
  operationId: string
}

export interface Folder {
  name: string
  steps: Step[]
}

function stepsByName(operations: Record<string, OperationExamples>): Map<string, Step> {
  const byName = new Map<string, Step>()
  for (const [operationId, { steps }] of Object.entries(operations))
    for (const step of steps) {
      const name = step.note ? `${operationId} (${step.note})` : operationId
      if (byName.has(name)) throw new Error(`openapi/operations/${operationId}.ts has two steps named ${name}.`)
      byName.set(name, { operationId, ...step })
    }
  return byName
}

/** The folders of the collection: the steps in the story, followed by all others in the folder of their tag. */
export function foldersOf(
  story: Chapter[],
  operations: Record<string, OperationExamples>,
  tagOf: (operationId: string) => string | undefined,
): Folder[] {
  const left = stepsByName(operations)
  const take = (name: string): Step => {
    const step = left.get(name)
    if (!step)
      throw new Error(
        `openapi/postman/story.ts lists ${name}, which is not a step of any operation or is listed twice.`,
      )
    left.delete(name)
    return step
  }
  const folders = story.map(({ folder, steps }) => ({ name: folder, steps: steps.map(take) }))
  for (const [name, step] of left) {
    const folder = folders.find((one) => one.name === tagOf(step.operationId))
    if (!folder) throw new Error(`openapi/postman/story.ts has no folder for ${name}.`)
    folder.steps.push(step)
  }
  return folders
}
