// Texts for tests with many inputs.
import fc from 'fast-check'

/** Any character that there may be, for `unit` and `stringUnit`. fast-check's own `binary` means the same,
 * but first makes a table of them all, which takes a second. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((point) => String.fromCodePoint(point))
