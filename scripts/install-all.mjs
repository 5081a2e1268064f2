// What the type checker and the search for dead code read: the packages of the tools and of the suites.
import path from 'node:path'
import { installMissing, root, tools } from './install.mjs'

await installMissing()
const suites = ['browser', 'e2e', 'postman'].map((name) => path.join(root, 'tests/suites', name))
for (const folder of [tools, ...suites]) await installMissing(folder)
