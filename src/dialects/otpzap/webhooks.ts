// /webhook/get and /webhook/update
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { keyIdOf } from '../../core/accounts/principal.ts'
import { maxSecretLength } from '../../core/webhooks/endpoint.ts'
import { callerOf } from '../../http/dialect.ts'
import { format as ownFormat } from './push.ts'
import { telling } from './reference.ts'
import * as shapes from './shapes.ts'
import { ok } from './values.ts'
import { withBody } from './verb-route.ts'
import { eventTypeOf, webhookData } from './wire.ts'

const tags = ['OTPZap']
const { name: format } = ownFormat
const url = 'https://example.com/hooks/otpzap'

const shown = {
  url,
  events: ['order.otp_received', 'deposit.success'],
  is_active: true,
  created_at: '2026-05-19 10:30:00 WIB',
  updated_at: '2026-05-19 10:30:00 WIB',
}

const getRoute = {
  config: {
    scope: 'read' as const,
    reference: telling('The webhook', shown, { failures: ['webhook_not_found'] }),
  },
  schema: {
    operationId: 'otpzapGetWebhook',
    tags,
    summary: 'Get the webhook',
    response: { 200: shapes.webhook },
  },
}

const updateRoute = {
  config: {
    scope: 'manage' as const,
    reference: telling(
      'The webhook and its secret, which is not shown again',
      { ...shown, secret: '5f1b8c0d6a7e49f2b3c4d5e6f708192a3b4c5d6e7f809102' },
      {
        requests: [
          { summary: 'Two events', value: { url, events: shown.events } },
          {
            summary: 'A given secret',
            value: { url, events: ['*'], secret: 'correct-horse-battery-staple', is_active: false },
          },
        ],
      },
    ),
  },
  schema: {
    operationId: 'otpzapUpdateWebhook',
    tags,
    summary: 'Update the webhook',
    body: z
      .object(
        {
          url: z
            .string('must be a URL')
            .max(2048)
            .meta({
              description: 'An https URL. All addresses of its host must be public.',
              examples: [url],
            }),
          events: z
            .array(z.enum(shapes.webhookEvents, 'is not an event'), 'must be a list of events')
            .min(1, 'must contain at least one event')
            .max(20),
          secret: z
            .string('must be text')
            .max(maxSecretLength)
            .regex(/^[\x20-\x7e]*$/, 'must be plain ASCII')
            .optional()
            .meta({ description: 'At least 16 characters. By default 48 random hex digits.' }),
          is_active: z.boolean('must be true or false').default(true),
        },
        'must be a JSON object',
      )
      .meta({ id: 'OtpzapNewWebhook' }),
    response: { 200: shapes.webhookWithSecret },
  },
  preValidation: withBody,
}

export function webhookRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "Fetch current webhook configuration. secret is never returned here."
  scope.get('/webhook/get', getRoute, async (request) => {
    const { accountId } = callerOf(request)
    return ok(webhookData(await app.webhooks.ofFormat({ accountId, format })))
  })

  // "Create or update webhook configuration. Method is PATCH (not POST)."
  scope.patch('/webhook/update', updateRoute, async (request) => {
    const { url, events, secret: wanted, is_active: isActive } = request.body
    const caller = callerOf(request)
    const { endpoint, secret } = await app.webhooks.put({
      accountId: caller.accountId,
      keyId: keyIdOf(caller),
      format,
      url,
      events: events.map(eventTypeOf),
      secret: wanted ?? null,
      isActive,
    })
    return ok({ ...webhookData(endpoint), secret })
  })
}
