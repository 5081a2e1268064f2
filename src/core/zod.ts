// What the bundle takes for the package `zod`, by the alias in `wrangler.toml` and the path in `tsconfig.json`. Zod's own
// `z` is one object with everything in it, so that bundlers keep all of it: translations, its compiler, JSON Schema.

export type * from 'zod/v4'
export * as z from './zod-parts'
