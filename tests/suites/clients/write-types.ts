// `npm run openapi:types`: generates the types of examples/typescript from the committed document.
import { exampleTypes, installGenerators } from './generators.ts'

await installGenerators()
process.exit(await exampleTypes())
