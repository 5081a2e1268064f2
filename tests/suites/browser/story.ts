import type { Browser } from 'playwright-core'
import type { NpmServer } from '../runtime/npm-start.ts'

/** Runs one step and reports it; rejects if it fails. */
export type Step = <Result>(name: string, work: () => Result | Promise<Result>) => Promise<Result>

export interface StoryContext {
  browser: Browser
  server: NpmServer
  step: Step
  /** The folder for screenshots. */
  screenshots: string
}

export type Story = (context: StoryContext) => Promise<void>
