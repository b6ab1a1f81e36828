// What the first start with demo data prints: what to do next.
import type { App } from './app.ts'
import { services } from './core/catalog/data/load.ts'
import type { Demo } from './demo.ts'

/** Prints the address, the account's key (only this time) and calls to paste. */
export function printWelcome(address: string, demo: Demo, app: App) {
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
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}
