// Limits from the API document and the platform, stated independently of the code under test.
export const limits = {
  /** Code points. */
  textCharactersMax: 16_000,
  pageRowsMax: 200,
  /** The platform's memory limit for an isolate. */
  heapBytes: 128 * 2 ** 20,
  framesAhead: 2,
}
