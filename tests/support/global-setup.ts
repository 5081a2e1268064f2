import type { TestProject } from 'vitest/node'
import { startTurnstileServer } from './turnstile-server'
import { startVerifyServer } from './verify-server'

export default async function setup(project: TestProject) {
  const [verify, turnstile] = await Promise.all([startVerifyServer(), startTurnstileServer()])
  project.provide('verifyUrl', verify.url)
  project.provide('turnstileUrl', turnstile.url)
  return () => Promise.all([verify.stop(), turnstile.stop()])
}
