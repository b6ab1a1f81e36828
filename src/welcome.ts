// What the first start with demo data prints: what to do next.
import type { App } from './app.ts'
import { commandName } from './command-name.ts'
import { services } from './core/catalog/data/load.ts'
import { createMember, makeSignInLink } from './core/operating/people.ts'
import { linkUrl } from './core/people/links.ts'
import { type Demo, demoEmail } from './demo.ts'

/** Prints the address, the account's key (only this time), calls to paste, and a link into the dashboard. */
export async function printWelcome(address: string, demo: Demo, app: App) {
  const dashboard = await linkForDemo(address, demo, app)
  const whatsapp = services.find((service) => service.slug === 'whatsapp')
  const lines = [
    '',
    `  The demo account ${app.ids.toToken('acc', demo.accountId)} has 100 USD. Its key, shown this once:`,
    '',
    `    ${demo.key}`,
    '',
    '  Buy a number (the simulator sends its code some seconds later), then get the order:',
    '',
    `    curl -X POST ${address}/v1/orders \\`,
    `      -H 'Authorization: Bearer ${demo.key}' \\`,
    `      -H 'Content-Type: application/json' \\`,
    `      -d '{"service": "whatsapp", "country": "US"}'`,
    '',
    `    curl '${address}/v1/orders/ORDER_ID?wait=30' -H 'Authorization: Bearer ${demo.key}'`,
    '',
    '  The same through the WhichOtp dialect:',
    '',
    `    curl -X POST ${address}/whichotp/api/v1/orders/buy \\`,
    `      -H 'Authorization: Bearer ${demo.key}' \\`,
    `      -H 'Content-Type: application/json' \\`,
    `      -d '{"serviceId": "${whatsapp?.uuid}"}'`,
    '',
    `  The reference: ${address}/docs`,
    '',
    `  Dashboard: ${dashboard}`,
    '  The link works once, for 15 minutes. A new one:',
    `    ${commandName} users sign-in-link --email ${demoEmail}`,
    '',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

const by = { actor: 'demo', reason: null }

/** Makes a user of the demo account, and a link that signs them in. */
async function linkForDemo(address: string, { accountId }: Demo, app: App): Promise<string> {
  const { db, config } = app
  const member = { email: demoEmail, accountId, role: 'owner', password: null } as const
  await createMember(db, app.now(), by, member)
  const { token } = await makeSignInLink(db, app.now(), by, { email: demoEmail, accountId })
  // Nobody can sign in over plain http at another address than that of the machine itself.
  const here = address.replace('//0.0.0.0', '//127.0.0.1').replace('//[::]', '//[::1]')
  const origin = config.publicUrl === null ? here : new URL(config.publicUrl).origin
  return linkUrl(origin, 'sign_in', token)
}
