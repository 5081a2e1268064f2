// What the bundle takes for the parts of Zod that make JSON Schema, by the aliases in `wrangler.toml`: only the document is
// made from schemas, never in the Worker. Zod asks for these functions when it makes a schema.

const unavailable = () => {
  throw new Error('The Worker has no part of Zod that makes JSON Schema')
}

export const createToJSONSchemaMethod = () => unavailable
export const createStandardJSONSchemaMethod = () => unavailable
export const toJSONSchema = unavailable
