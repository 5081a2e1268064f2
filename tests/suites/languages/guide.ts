// The Kotlin and Swift of docs/getting-started.md: Kotlin is compiled and run, Swift compared with the generated client.
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { root } from '../../../scripts/install.mjs'
import { codeBlocks } from '../runtime/code-blocks.ts'
import type { NpmServer } from '../runtime/npm-start.ts'
import { within } from './commands.ts'

const codeOf = async (language: string) =>
  codeBlocks(await readFile(path.join(root, 'docs/getting-started.md'), 'utf8'), language).join('\n')

export const swiftGuide = within('swift6/guide.swift')

export const writeSwiftGuide = async () => writeFile(swiftGuide, await codeOf('swift'))

const screens = `
fun show(what: String) = println(what)
fun ask(question: String): String =
    if (question == "Code") java.net.URI(System.getenv("CODES") + System.getenv("PHONE").drop(1)).toURL().readText()
    else System.getenv("PHONE")
`

/** As one program: its imports, and everything else as its `main`, since Kotlin allows no statements beside functions. */
export async function writeKotlinGuide(folder: string) {
  const code = (await codeOf('kotlin')).replaceAll('"http://localhost:8787"', 'System.getenv("ORIGIN")')
  const lines = code.split('\n')
  const isImport = (line: string) => line.startsWith('import ')
  const body = lines.filter((line) => !isImport(line)).join('\n')
  const exit = 'kotlin.system.exitProcess(0)'
  const program = ['package guide', ...lines.filter(isImport), screens, `fun main() {\n${body}\n${exit}\n}\n`]
  await writeFile(path.join(folder, 'Guide.kt'), program.join('\n'))
}

/** Somebody with the number that the guide looks up. */
export async function signBenIn({ origin, codeFor }: NpmServer) {
  const phoneNumber = '+12025550102'
  const post = async (operation: string, body: object) => {
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(`${origin}/v1/auth/${operation}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(await response.text())
    return response.json()
  }
  const { verificationId } = await post('otp', { phoneNumber })
  await post('otp/verify', { verificationId, code: await codeFor(phoneNumber) })
}

/** What the guide shows, and what that proves. */
export const shownByGuide: [RegExp, string][] = [
  [/^Welcome, Dora$/m, 'signs in and shows the profile'],
  [/^One message, sent twice$/m, 'sends a message once'],
  [/^Hello Ben: (sent|delivered)$/m, 'lists what it sent'],
  [/^\d+ messages and \d+ chats have changed$/m, 'follows the changes'],
  [/^invalid_request at \/username$/m, 'handles an error'],
]
