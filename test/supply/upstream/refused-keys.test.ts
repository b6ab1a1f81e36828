// A platform that refuses our key, or our account: it is paused, and operators hear of it.
import { describe, expect, it } from 'vitest'
import { setSupplier } from '../../../src/core/operating/suppliers.ts'
import { recordAnswer } from '../../../src/core/supply/answers.ts'
import { claimAsks } from '../../../src/core/supply/asks.ts'
import { readSupplyTotals } from '../../../src/core/supply/totals.ts'
import { openUpstream, purchaseOf, upstreamDesk } from './market.ts'
import { askingDesk, numletPeer } from './peer.ts'

const by = { actor: 'operator', reason: 'a new key' }

describe('a platform that refuses the key', async () => {
  const { app, db, dealing, accountId, offerId } = await upstreamDesk()
  const { name, supplierId } = await openUpstream(db, app.now(), { offerId, stock: 1_000 })
  const pausedAfter = async (told: { retryAfterS?: number }) => {
    await app.orders.buy(purchaseOf(accountId))
    const [ask] = await claimAsks(dealing, app.now(), supplierId)
    if (!ask) throw new Error('it is not asked')
    await recordAnswer(dealing, app.now(), {
      ...{ allocationId: ask.allocationId, claims: ask.claims },
      verdict: { kind: 'no', class: 'key', ...told },
    })
    const [row] = await db.query<{ state: string; until: Date | null }>(
      'select state, paused_until as until from suppliers where id = $1',
      [supplierId],
    )
    const [total] = await readSupplyTotals(db)
    await setSupplier(db, by, name, 'on')
    return [row?.state, row?.until ?? null, total?.paused]
  }
  const at = (seconds: number) => new Date(app.now().getTime() + seconds * 1000)

  it('is paused until somebody resumes it', async () => {
    expect(await pausedAfter({})).toEqual(['paused', null, 'resumed'])
  })

  it('is paused for as long as it says, at most a day', async () => {
    expect(await pausedAfter({ retryAfterS: 3_600 })).toEqual(['paused', at(3_600), 'timed'])
    expect(await pausedAfter({ retryAfterS: 9_999_999 })).toEqual(['paused', at(86_400), 'timed'])
  })
})

it('operators are told, until a number comes again', async () => {
  const desk = await askingDesk(await numletPeer())
  const { app, db, between, buy, work, read, supplierName } = desk
  const trouble = `key at ${supplierName}`
  between.answer({ status: 401, headers: {}, path: /^\/v1\/orders/ })
  const refused = await buy()
  await work()
  expect(await read(refused)).toMatchObject({ state: 'failed' })
  expect(app.troubles.all().get(trouble)).toEqual({ isOn: true, failures: 1 })
  between.answer(null)
  await setSupplier(db, by, supplierName, 'on')
  const next = await buy()
  await work()
  expect(await read(next)).toMatchObject({ state: 'waiting' })
  expect(app.troubles.all().get(trouble)?.failures).toBe(1)
})
