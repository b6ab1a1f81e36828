// Server 3, inboxes: /s3/sites, /s3/domains, /order/email-{create,check}
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import type { Bought } from '../../core/orders/buying/buy.ts'
import { maxQuantity, type Order } from '../../core/orders/order.ts'
import { callerOf } from '../../http/dialect.ts'
import { sentenceOf } from '../../http/failure.ts'
import { answerOnce } from '../../http/once.ts'
import * as reference from './email-reference.ts'
import { emailVerbRoute, inboxRef, readInboxOrder, verbs } from './email-verbs.ts'
import * as wire from './email-wire.ts'
import { ok } from './values.ts'
import { withBody } from './verb-route.ts'

const tags = ['OTPZap']
const maxDomains = 100

const siteName = z.string('must be a site').max(200)
const domainName = z.string('must be a domain').min(1).max(200)

const sitesRoute = {
  config: { scope: 'read' as const, reference: reference.sites },
  schema: {
    operationId: 'otpzapSites',
    tags,
    summary: 'List popular sites',
    response: { 200: wire.sites },
  },
}

const domainsRoute = {
  config: { scope: 'read' as const, reference: reference.domains },
  schema: {
    operationId: 'otpzapDomains',
    tags,
    summary: 'List mail domains',
    querystring: z.object({
      site: siteName
        .optional()
        .meta({ description: 'The domain that sends the mails.', examples: ['openai.com'] }),
    }),
    response: { 200: wire.domains },
  },
}

const newInbox = z
  .object(
    {
      site: siteName.meta({
        description: 'The domain that sends the mails; any domain.',
        examples: ['openai.com'],
      }),
      domain: domainName.optional().meta({ description: 'A domain of `/s3/domains`.' }),
      domains: z
        .array(domainName, 'must be a list of domains')
        .min(1)
        .max(maxDomains)
        .optional()
        .meta({ description: 'Acceptable domains. The cheapest in stock is taken.' }),
      qty: z.int(`must be 1 to ${maxQuantity}`).min(1).max(maxQuantity).default(1),
      subject: z
        .string()
        .regex(/^[^\p{Cc}]*$/u, 'must be one line of text')
        .optional()
        .meta({ description: 'Only mails whose subject contains this text.' }),
      regex: z.string().optional().meta({
        description: 'RE2. The OTP is its first group, otherwise the whole match.',
      }),
    },
    'must be a JSON object',
  )
  .refine((body) => (body.domain === undefined) !== (body.domains === undefined), {
    message: 'send either domain or domains',
    path: ['domain'],
  })
  .meta({ id: 'OtpzapNewInbox' })

const createRoute = {
  config: { scope: 'buy' as const, reference: reference.create },
  schema: {
    operationId: 'otpzapCreateInbox',
    tags,
    summary: 'Create inboxes',
    body: newInbox,
    response: { 200: wire.inboxes },
  },
  preValidation: withBody,
}

const checkRoute = {
  config: { scope: 'read' as const, reference: reference.check },
  schema: {
    operationId: 'otpzapCheckInbox',
    tags,
    summary: 'Get an inbox',
    querystring: z.object({
      ref: inboxRef.meta({ description: 'The inbox’s `ref`.', examples: [reference.exampleRef] }),
    }),
    response: { 200: wire.inboxAnswer },
  },
}

/** The core's field names that differ here. */
const fieldNames: Readonly<Record<string, string>> = {
  '/quantity': '/qty',
  '/pattern': '/regex',
}

/** Renames the invalid fields to the names that the client used. */
async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'invalid_request') throw error
    const fields = (error.detail.fields ?? []).map(({ pointer, detail }) => ({
      pointer: fieldNames[pointer] ?? pointer,
      detail,
    }))
    throw new DomainError(error.code, sentenceOf(fields), { ...error.detail, fields })
  }
}

export function emailRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "Suggested target sites. Any valid site domain can be sent to the create endpoint."
  scope.get('/s3/sites', sitesRoute, async () => {
    const { services } = await app.catalog.current()
    return ok({
      sites: services.flatMap(({ site, name, closed }) =>
        site === null || closed ? [] : [{ site, name }],
      ),
    })
  })

  // "Available email domains, stock, price, activation rate, and cancellation fee preview."
  scope.get('/s3/domains', domainsRoute, async (request) => {
    const { currency } = callerOf(request)
    const offers = await app.inboxes.domains({ currency, site: request.query.site ?? null })
    return ok({ domains: offers.map(wire.domainData) })
  })

  // "Buy Email OTP. Optional fields: qty, subject, regex, or domains[] for aggregator mode."
  scope.post('/order/email-create', createRoute, (request, reply) => {
    const { accountId } = callerOf(request)
    const answer = async (orders: readonly Order[]) => ({
      status: 200,
      body: ok({ orders: await Promise.all(orders.map((order) => wire.inboxData(app, order))) }),
    })
    return answerOnce<Extract<Bought, { orders: unknown }>>(app, request, reply, {
      run: (once) => {
        const { site, domain, domains, qty, subject, regex } = request.body
        return named(() =>
          app.inboxes.buy({
            accountId,
            site,
            domains: domains ?? [domain as string],
            quantity: qty,
            subject: subject ?? null,
            pattern: regex ?? null,
            once,
          }),
        )
      },
      render: ({ orders }) => answer(orders),
      renderAgain: async ({ subjectIds }) =>
        answer(await Promise.all(subjectIds.map((id) => app.orders.read(accountId, id)))),
    })
  })

  // "Poll email status and messages."
  scope.get('/order/email-check', checkRoute, async (request) => {
    const order = await readInboxOrder(app, callerOf(request).accountId, request.query.ref)
    return ok(await wire.inboxData(app, order))
  })

  for (const verb of verbs) emailVerbRoute(plain, app, verb)
}
