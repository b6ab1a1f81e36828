// The names that are looked for in messages: catalogs are read anew every few seconds, names seldom change.
import { expect, test } from 'vitest'
import { readCatalog } from '../../src/core/catalog/catalog.ts'
import { knownNames } from '../../src/core/catalog/names.ts'
import { allNames, hintsOf } from '../../src/core/messages/hints.ts'
import { addService, changeService } from '../../src/core/operating/services.ts'
import { testDatabase } from '../harness/database.ts'

const { db } = await testDatabase('catalog')
const by = { actor: 'tester', reason: 'ticket 12' }
const readNames = async () => hintsOf(await readCatalog(db), undefined).names
const nameIn = (text: string) => async () => (await readNames())?.at(text, 0)?.text

test('names are built once, and again when an installation has others', async () => {
  expect(knownNames()).toBe(knownNames())
  expect(await readNames()).toBe(allNames())
  const [zeta, quark] = [nameIn('Zetaplover Pay: 1'), nameIn('QUARKPLOVER: 1')]
  expect(await zeta()).toBeUndefined()

  await addService(db, by, 'zeta', { name: 'Zetaplover Pay' })
  expect(await zeta()).toBe('Zetaplover Pay')
  const own = await readNames()
  expect(await readNames()).toBe(own)
  const [known] = knownNames()
  expect(own?.at(known ?? '', 0)).toEqual(allNames().at(known ?? '', 0))

  await changeService(db, by, 'zeta', { senders: ['QUARKPLOVER'] })
  expect(await quark()).toBe('QUARKPLOVER')
  expect(await zeta()).toBe('Zetaplover Pay')
})
