// The document's `webhooks`: the requests that the platform sends to customers' endpoints.
// https://spec.openapis.org/oas/v3.1.1.html#oas-webhooks

/** One type of webhook. */
export type SentWebhook = {
  readonly type: string
  /** When it is sent, as a sentence. */
  readonly description: string
  /** The component that describes its body, whose `type` is narrowed to this one. */
  readonly schema: string
  readonly example: unknown
}

const headers = [
  {
    name: 'webhook-id',
    description: 'The id of the event. It is the same in every attempt and every replay.',
    schema: { type: 'string', examples: ['evt_1_90211_771204'] },
  },
  {
    name: 'webhook-timestamp',
    description: 'When this attempt was signed, in seconds since 1970.',
    schema: { type: 'string', pattern: '^\\d+$', examples: ['1795167007'] },
  },
  {
    name: 'webhook-signature',
    description:
      'One or more signatures, separated by spaces: `v1,` and the base64 of the HMAC-SHA256 of ' +
      '`<webhook-id>.<webhook-timestamp>.<body>` (Standard Webhooks 1.0).',
    schema: { type: 'string', examples: ['v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4='] },
  },
]

const responses = {
  '2XX': { description: 'The webhook was received. The body of the response is kept in the log.' },
  '410': { description: 'The receiver wants no more webhooks. The endpoint is switched off.' },
  default: { description: 'The webhook failed. It is sent again later.' },
}

const words = (type: string) => type.split(/[._]/)
const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

/** The entries for the document. */
export const webhookEntries = (sent: readonly SentWebhook[], tag: string) =>
  Object.fromEntries(sent.map((one) => [one.type, { post: entry(one, tag) }]))

function entry({ type, description, schema, example }: SentWebhook, tag: string) {
  return {
    operationId: `on${words(type).map(capital).join('')}`,
    tags: [tag],
    summary: `Receive ${type}`,
    description: `${description} Answer with any 2xx within 5 seconds.`,
    security: [],
    parameters: headers.map((header) => ({ ...header, in: 'header', required: true })),
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            allOf: [
              { $ref: `#/components/schemas/${schema}` },
              {
                required: ['type'],
                properties: { type: { type: 'string', const: type } },
              },
            ],
          },
          examples: { [type.replace('.', '-')]: { summary: description, value: example } },
        },
      },
    },
    responses,
  }
}
