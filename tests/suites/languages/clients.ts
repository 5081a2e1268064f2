// The clients of this suite: what generates each, with which version and which options. docs/generated-clients.md says the
// same, which a test checks.

export const openApiGenerator = '7.25.0'

export interface Generated {
  generator: string
  options?: Record<string, string>
  typeMappings?: Record<string, string>
  importMappings?: Record<string, string>
}

/** What openapi-generator makes, by the name of the client. */
export const generated = {
  java: { generator: 'java', options: { library: 'native', useSingleRequestParameter: 'true' } },
  'kotlin-moshi': { generator: 'kotlin', options: { serializationLibrary: 'moshi' } },
  'kotlin-kotlinx': {
    generator: 'kotlin',
    options: { serializationLibrary: 'kotlinx_serialization' },
    // Its compiler cannot serialize `Any`.
    typeMappings: { AnyType: 'JsonElement' },
    importMappings: { JsonElement: 'kotlinx.serialization.json.JsonElement' },
  },
  go: { generator: 'go', options: { disallowAdditionalPropertiesIfNotPresent: 'false' } },
  python: { generator: 'python' },
  rust: { generator: 'rust' },
  'typescript-fetch': { generator: 'typescript-fetch' },
  swift6: { generator: 'swift6' },
  dart: { generator: 'dart' },
} satisfies Record<string, Generated>

export const oapiCodegen = 'v2.8.2'

export const openApiPythonClient = '0.29.1'

/** What each program does, in this order, and prints when it has. */
export const steps = [
  'signs two users in',
  'changes a field of the profile and clears it',
  'finds and saves a contact',
  'uploads a file and downloads the same bytes',
  'sends a message once, and reacts to it',
  'lists the messages that arrived',
  'follows the changes',
  'reads the code of a problem',
]
