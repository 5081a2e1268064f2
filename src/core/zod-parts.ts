/** The parts of Zod that this project uses. Using another one is a type error until it is listed here. */

export type * from 'zod/v4'
export {
  array,
  boolean,
  coerce,
  custom,
  discriminatedUnion,
  enum,
  int,
  intersection,
  iso,
  literal,
  NEVER,
  null,
  number,
  object,
  partialRecord,
  preprocess,
  record,
  strictObject,
  string,
  tuple,
  union,
  unknown,
  url,
  ZodType,
} from 'zod/v4'
