// Test services as `/v1` lists them: how their orders end, and their ids in the other dialects.
import { z } from 'zod'
import type { Catalog, Service } from '../../core/catalog/catalog.ts'
import { testServices } from '../../core/catalog/data/load.ts'
import type { Offer } from '../../core/catalog/offers.ts'

const testIds = z.object({
  whichotp: z.uuid().meta({ description: '`serviceId`' }),
  otpzap: z.object({
    platform_id: z.number().int(),
    service_id: z.number().int(),
    product_id: z.number().int().optional().meta({ description: 'In offers only.' }),
  }),
  zapotp: z.string().meta({ description: '`service`' }),
  otpwall: z.string().meta({ description: '`service`' }),
  smsverificationservice: z.object({ service_id: z.number().int() }),
  handler_api: z.string().meta({ description: '`service`' }),
  fivesim: z.string().meta({ description: 'The product.' }),
})

export const testService = z
  .object({
    outcome: z.string().meta({ examples: ['The code arrives at once.'] }),
    ids: testIds.meta({ description: 'The service’s id in each of the other APIs.' }),
  })
  .meta({ id: 'TestService', description: 'Test services only.' })

const outcomes = new Map(testServices.map((one) => [one.test, one.outcome]))

/** @param product the id of the offer, which is OTPZap's product */
export const testAnswer = (service: Service, product?: number): z.output<typeof testService> => ({
  outcome: outcomes.get(service.test ?? '') ?? '',
  ids: {
    whichotp: service.uuid,
    otpzap: {
      platform_id: service.id,
      service_id: service.id,
      ...(product === undefined ? {} : { product_id: product }),
    },
    zapotp: service.slug,
    otpwall: service.slug,
    smsverificationservice: { service_id: service.id },
    handler_api: service.ids['handler-api'] ?? service.slug,
    fivesim: service.ids.fivesim ?? service.slug,
  },
})

/** The field of an offer; absent unless its service is a test service. */
export function testOf(catalog: Catalog, offer: Offer) {
  const service = catalog.service(offer.serviceId)
  return service?.test ? { test: testAnswer(service, offer.id) } : {}
}
