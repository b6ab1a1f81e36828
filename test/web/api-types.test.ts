// The types that pages are checked with are those of the document that this server has.
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { currentTypes, typesFile } from './api-types.ts'

it('the client’s types are current', { timeout: 300_000 }, async () => {
  const isCurrent = (await readFile(typesFile, 'utf8')) === (await currentTypes())
  expect(isCurrent, 'Run npm run web:types: the API’s document has changed').toBe(true)
})
