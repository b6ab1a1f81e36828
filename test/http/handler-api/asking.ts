// A server for the tests of handler_api, and requests as its clients send them: query and key in the URL.
import { createKey } from '../../../src/core/accounts/keys.ts'
import { call, testCustomer, testServer, testSupplier } from '../../harness/server.ts'

export const path = '/stubs/handler_api.php'

export type Asked = {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** A customer of this protocol. */
export type Customer = {
  readonly accountId: number
  readonly key: string
  /** Asks as the protocol's clients do. */
  ask(action: string, params?: Record<string, string | number>): Promise<Asked>
  /** The same, for answers that are bare text. */
  text(action: string, params?: Record<string, string | number>): Promise<string>
  /** The same, for answers that are JSON. */
  json<T = Record<string, unknown>>(
    action: string,
    params?: Record<string, string | number>,
  ): Promise<T>
  balance(): Promise<number>
}

export async function handlerServer(env: Record<string, string> = {}) {
  const server = await testServer({ env })
  const { secret } = await testSupplier(server.db)
  return {
    server,
    /** A message comes in for a number, which is given as the protocol gives it. */
    receive: (digits: string, sms: string, sender = 'WhatsApp') =>
      call(server, secret, 'POST', '/api/callback', {
        event: 'incoming_message',
        message: { number: `+${digits}`, sender, sms },
      }),
    async customer(
      options: { credit?: string; currency?: string; errorForm?: string; country?: string } = {},
    ): Promise<Customer> {
      const { accountId } = await testCustomer(server.db, options)
      const { key } = await createKey(server.db, new Date(), {
        accountId,
        scopes: ['handler-api'],
        errorForm: options.errorForm,
        defaultCountry: options.country,
      })
      const ask: Customer['ask'] = async (action, params = {}) => {
        const query = new URLSearchParams({ api_key: key, action })
        for (const [name, value] of Object.entries(params)) query.set(name, String(value))
        return call<unknown>(server, null, 'GET', `${path}?${query}`)
      }
      return {
        accountId,
        key,
        ask,
        text: async (action, params) => String((await ask(action, params)).body),
        json: async <T>(action: string, params?: Record<string, string | number>) =>
          (await ask(action, params)).body as T,
        balance: async () =>
          Number(String((await ask('getBalance')).body).replace('ACCESS_BALANCE:', '')),
      }
    },
  }
}

/** The two parts of `ACCESS_NUMBER:id:phone`. */
export function partsOf(text: string): { id: string; phone: string } {
  const [, id, phone] = /^ACCESS_NUMBER:(\d+):(\d+)$/.exec(text) ?? []
  if (!id || !phone) throw new Error(`${text} is no number`)
  return { id, phone }
}
