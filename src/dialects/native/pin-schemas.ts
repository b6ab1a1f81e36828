// What the native API shows of pinned products, with the reference's examples.
import { z } from 'zod'
import { time } from './schemas.ts'

export const pin = z
  .object({
    id: z.string().meta({ examples: ['pin_3r5t7y9u1i2'] }),
    service: z.string().meta({ examples: ['whatsapp'] }),
    country: z.string().meta({ examples: ['US'] }),
    pool: z.string().nullable().meta({ description: 'Null: any pool.' }),
    created_at: time('2026-11-20T09:30:00.000Z'),
  })
  .meta({ id: 'Pin', description: 'A product that the account wants at hand.' })

export const usedProduct = z
  .object({
    service: z.string().meta({ examples: ['whatsapp'] }),
    country: z.string().meta({ examples: ['US'] }),
    pool: z.string(),
    last_used_at: time('2026-11-20T09:30:00.000Z'),
  })
  .meta({ id: 'UsedProduct' })

export const examplePin: z.output<typeof pin> = {
  id: 'pin_3r5t7y9u1i2',
  service: 'whatsapp',
  country: 'US',
  pool: null,
  created_at: '2026-11-20T09:30:00.000Z',
}

export const exampleUsedProduct: z.output<typeof usedProduct> = {
  service: 'whatsapp',
  country: 'US',
  pool: '1',
  last_used_at: '2026-11-20T09:30:00.000Z',
}
