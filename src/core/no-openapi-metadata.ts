// What the bundle takes for the package that makes the document, by the alias in `wrangler.toml`. The document is made
// before a deployment and served as a file, so in the Worker a schema needs no description of itself: each one would be
// copied for it at every start.

interface Schemas {
  ZodType: { prototype: object }
}

/** Gives schemas the method `openapi`, which returns the schema as it is. */
export function extendZodWithOpenApi({ ZodType }: Schemas) {
  Object.assign(ZodType.prototype, {
    openapi(this: unknown) {
      return this
    },
  })
}

/** Takes what is registered, and keeps none of it. */
export class OpenAPIRegistry {
  readonly definitions: readonly never[] = []
  register<T>(_name: string, schema: T): T {
    return schema
  }
  registerPath() {}
  registerComponent() {}
}

const unavailable = () => {
  throw new Error('The Worker has no part that makes the document')
}

export const getOpenApiMetadata = unavailable
export class OpenApiGeneratorV3 {
  generateDocument = unavailable
}
export class OpenApiGeneratorV31 extends OpenApiGeneratorV3 {}
