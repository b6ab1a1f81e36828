// A1, A2: types generated from our document by openapi-typescript; our guides' calls run with them.
import { execFile } from 'node:child_process'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dropScratch, newScratch } from '../harness/scratch.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const limitMs = 300_000

/** What a program of a customer may rely on. `never` and the marked line fail to compile where it may not. */
const program = `import type { components, paths, webhooks } from './numlet.d.ts'
type Schemas = components['schemas']

export function contactOf(order: Schemas['Order']): string {
  switch (order.kind) {
    case 'activation':
    case 'rental':
      return order.phone
    case 'email':
      return order.email + order.inbox.site
    case 'esim':
      return order.esim.activation_code
  }
}
// @ts-expect-error an inbox has no phone
export const phoneOf = (order: Schemas['EmailOrder']): string => order.phone

export function toldOf(event: Schemas['Event']): string | null {
  switch (event.type) {
    case 'order.created':
    case 'order.code_received':
      return event.data.code
    case 'message.received':
      return event.data.order_id
    case 'deposit.success':
      return event.data.payment_url
    case 'balance.low':
      return event.data.low_balance
    case 'webhook.disabled':
      return event.data.webhook_id
    default:
      return event.id
  }
}

export type Body = webhooks[keyof webhooks]['post']['requestBody']['content']['application/json']
export const isTest = (body: Body): boolean => body.type === 'webhook.test'
type Code = webhooks['order.code_received']['post']['requestBody']['content']['application/json']
export const typeOf = (body: Code): 'order.code_received' => body.type

export function orderOf(transaction: Schemas['Transaction']): string | null {
  return transaction.type === 'hold' ? transaction.order_id : transaction.deposit_id
}

type Answer = paths['/v1/orders']['post']['responses'][201]['content']['application/json']
export const ordersOf = (answer: Answer): Schemas['Order'][] =>
  'orders' in answer ? answer.orders : [answer]

export const least: Schemas['NewKey'] = {}
export const deposit: Schemas['NewDeposit'] = { amount: '25.00' }
export const webhook: Schemas['NewWebhook'] = { url: 'https://example.com/', events: ['*'] }
// @ts-expect-error there is no such event
export const wrong: Schemas['NewWebhook'] = { url: 'https://example.com/', events: ['order.lost'] }
`

describe('A1: a client with generated types', async () => {
  const server = await testServer()
  const { key } = await testCustomer(server.db)
  const { secret } = await testSupplier(server.db)
  let folder = ''
  const tsc = () =>
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder])

  beforeAll(async () => {
    folder = await newScratch()
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir')
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          module: 'nodenext',
          target: 'es2024',
          lib: ['es2024'],
          types: ['node'],
          allowImportingTsExtensions: true,
        },
        include: ['*.ts'],
      }),
    )
    await run(process.execPath, [
      '--import',
      join(root, 'test/harness/typescript-5.mjs'),
      join(root, 'node_modules/openapi-typescript/bin/cli.js'),
      `${server.url}/openapi.json`,
      '-o',
      join(folder, 'numlet.d.ts'),
    ])
  }, limitMs)
  afterAll(() => dropScratch(folder))

  const page = async (name: string) => readFile(join(root, name), 'utf8')
  const compiled = async (name: string, text: string) => {
    await writeFile(join(folder, name), text)
    const failed = await tsc().then(
      () => '',
      (error: { stdout?: string }) => error.stdout ?? String(error),
    )
    expect(failed).toBe('')
  }

  it('tells kinds, events, webhooks and transactions apart (A2)', { timeout: limitMs }, () =>
    compiled('program.ts', program),
  )

  it('takes every body of the documents’ curl calls', { timeout: limitMs }, async () => {
    const texts = await Promise.all(['README.md', 'docs/api/README.md'].map(page))
    const calls = texts.flatMap((text) => [
      ...text.matchAll(/curl[^`]*?(\/v1\/\w+)[^`]*?-d '(\{[^']+\})'/g),
    ])
    const kinds = texts.flatMap((text) => [...text.matchAll(/^(\{ "(?:kind|services)".*\})$/gm)])
    expect(calls.length).toBeGreaterThan(1)
    expect(kinds.length).toBeGreaterThan(3)
    const lines = [
      ...calls.map(([, path, body]) => ({ path, body })),
      ...kinds.map(([, body]) => ({ path: '/v1/orders', body })),
    ].map(({ path, body }) => `bodies.push(${body} satisfies Body<'${path}'>)`)
    await compiled(
      'bodies.ts',
      `import type { paths } from './numlet.d.ts'
type Posts = { [P in keyof paths]: paths[P] extends { post: { requestBody?: unknown } } ? P : never }
type Body<P extends Posts[keyof paths]> = paths[P]['post'] extends
  { requestBody?: { content: { 'application/json': infer B } } } ? B : never
export const bodies: unknown[] = []
${lines.join('\n')}
`,
    )
  })

  it('compiles and runs the guide’s first order', { timeout: limitMs }, async () => {
    const [, block = ''] = /```ts\n([\s\S]*?)```/.exec(await page('docs/api/README.md')) ?? []
    expect(block).toContain('openapi-fetch')
    await compiled('first-order.ts', block)
    const env = { ...process.env, NUMLET_URL: server.url, NUMLET_KEY: key }
    const done = run(process.execPath, [join(folder, 'first-order.ts')], { env })
    const phone = await bought()
    await call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number: phone, sender: 'WhatsApp', sms: 'Your WhatsApp code: 593-821' },
    })
    expect((await done).stdout.trim()).toBe(`${phone} 593821`)
  })

  async function bought(): Promise<string> {
    for (;;) {
      const { body } = await call<{ data: { phone: string }[] }>(server, key, 'GET', '/v1/orders')
      if (body.data[0]) return body.data[0].phone
    }
  }
})
