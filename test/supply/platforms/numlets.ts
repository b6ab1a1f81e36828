// Another Numlet as a platform, by each of the three APIs by which it can be asked.
import { supplierKindNamed } from '../../../src/supply/kinds.ts'
import { testServer } from '../../harness/server.ts'
import { keepFewOffers } from '../../harness/stock.ts'
import { type Api, accountAt, apis, senderAt } from '../upstream/between.ts'
import type { Platform, PlatformSample, Sold } from './platform.ts'

const states: Readonly<Record<string, Sold['state']>> = {
  waiting: 'open',
  received: 'open',
  active: 'open',
  ended: 'charged',
  finished: 'charged',
  cancelled: 'refunded',
  expired: 'refunded',
}

async function open(api: Api): Promise<Platform> {
  const { db, url, advance } = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0' } })
  await keepFewOffers(db)
  const account = await accountAt({ db }, api)
  const { send } = await senderAt({ db, url })
  return {
    settings: {
      ...(api.kind === 'handler-api' ? { rent_hours: '72' } : {}),
      ...api.settings,
      url: `${url}${api.path}`,
      api_key: account.key,
    },
    advance,
    async text(phone, text) {
      await send(phone, text)
    },
    orders: async () =>
      (await account.orders()).map(({ phone, state }) => {
        const known = states[state]
        if (phone === null || known === undefined) throw new Error(`an order that is ${state}`)
        return { phone, state: known }
      }),
    async sellOut() {
      await db.query('update stock set remaining = 0')
    },
  }
}

export const samples: readonly PlatformSample[] = apis.map((api) => {
  const kind = supplierKindNamed(api.kind)
  if (!kind) throw new Error(`there is no kind ${api.kind}`)
  return { name: `${kind.title}: another Numlet`, kind, open: () => open(api) }
})
