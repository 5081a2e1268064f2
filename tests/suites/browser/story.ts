import type { Browser } from 'playwright-core'
import type { NpmServer } from '../runtime/npm-start.ts'

/** Does one thing and says so; rejects when it fails. */
export type Step = <Result>(name: string, work: () => Result | Promise<Result>) => Promise<Result>

export interface StoryContext {
  browser: Browser
  server: NpmServer
  step: Step
  /** The folder for pictures of what was seen. */
  screenshots: string
}

export type Story = (context: StoryContext) => Promise<void>
