// A lookup in the catalog in memory finds what was added just before, however quickly one follows the other.
import { describe, expect, it } from 'vitest'
import { catalogSource } from '../../src/core/catalog/catalog.ts'
import { testDatabase } from '../harness/database.ts'

describe('a service that has just been added', async () => {
  const { db } = await testDatabase()
  const add = (id: number, slug: string) =>
    db.query('insert into services (id, uuid, slug, name) values ($1, gen_random_uuid(), $2, $2)', [
      id,
      slug,
    ])

  it('is found although a lookup has reloaded the catalog at the same moment', async () => {
    // The clock stands: every lookup comes at the very moment of the last load.
    const { find } = catalogSource(db, () => 1_000_000)
    for (const [id, slug] of [
      [950_001, 'added-one'],
      [950_002, 'added-two'],
    ] as const) {
      expect(await find((catalog) => catalog.service(slug))).toBeUndefined()
      await add(id, slug)
      expect(await find((catalog) => catalog.service(slug))).toMatchObject({ id })
    }
  })

  it('is found although a load is under way that began before', async () => {
    const { find } = catalogSource(db)
    const early = find((catalog) => catalog.service('added-three'))
    const added = add(950_003, 'added-three')
    const late = added.then(() => find((catalog) => catalog.service('added-three')))
    await early
    expect(await late).toMatchObject({ slug: 'added-three' })
  })
})
