// What the document and the platform say, apart from the code under test.
export const limits = {
  /** Code points. */
  textCharactersMax: 16_000,
  pageRowsMax: 200,
  /** What the platform gives an isolate. */
  heapBytes: 128 * 2 ** 20,
  framesAhead: 2,
}
