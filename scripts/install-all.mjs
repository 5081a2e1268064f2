// What the type checker and the search for dead code read: the packages of the tools and of the suites.
import path from 'node:path'
import { installMissing, root, tools } from './install.mjs'

await installMissing()
for (const folder of [tools, path.join(root, 'tests/suites/browser'), path.join(root, 'tests/suites/postman')])
  await installMissing(folder)
