// `node write-config.ts <folder>`: writes the configuration of the service into the folder that holds the built worker.
import { recordConfig } from './record-config.ts'
import { serviceOptions } from './service-options.ts'

const [, , folder] = process.argv
if (!folder) throw new Error('Name the folder to write to.')
await recordConfig(folder, serviceOptions(folder))
