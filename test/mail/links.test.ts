// S9: links in a mail lead away from where it is shown, or nowhere.
import { expect, it } from 'vitest'
import { sendMail, testMailServer } from '../harness/mail.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { buyOne, ownDomain } from './market.ts'

const server = await testServer({ template: 'catalog' })
const { app, db } = server
const mail = await testMailServer(server)
const { accountId } = await testCustomer(db, { credit: '100' })
const domain = await ownDomain(db)

const harmful = [
  ...['/v1/keys', 'v1/keys', './x', '../x', '?x=1', '#x', '', ' ', '\\x', '/\\evil.example'],
  ...['//evil.example/x', '\\\\evil.example/x', '///evil.example', ' //evil.example'],
  ...[
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    '&#1;javascript:alert(1)',
  ],
  ...['java&#10;script:alert(1)', '&#106;avascript:alert(1)', 'javascript&colon;alert(1)'],
  ...['data:text/html,<b>x', 'DATA:text/html;base64,PGI+', 'vbscript:x', 'file:///etc/passwd'],
  ...['blob:https://a.example/1', 'view-source:https://a.example', 'intent://x', 'about:blank'],
]
const kept = [
  ['https://example.com/?t=1&amp;u=2', 'https://example.com/?t=1&amp;u=2'],
  ['HTTPS://EXAMPLE.com/Path', 'https://example.com/Path'],
  [' https://example.com/x ', 'https://example.com/x'],
  ['https://example.com/a b', 'https://example.com/a%20b'],
  ['https:\\\\example.com\\x', 'https://example.com/x'],
  ['https:example.com', 'https://example.com/'],
  ['http://example.com/x', 'http://example.com/x'],
  ['mailto:a@example.com', 'mailto:a@example.com'],
  ['tel:+15550100', 'tel:+15550100'],
] as const

async function shown(html: string): Promise<string> {
  const order = await buyOne(app, { accountId, domains: [domain] })
  await sendMail(mail, { to: order.email, subject: 'Links', html })
  return (await app.messages.of(order.id))[0]?.html ?? ''
}

it('S9: relative links and those of other schemes lose their address and keep their words', async () => {
  const html = await shown(harmful.map((href, i) => `<a href="${href}">word${i}</a>`).join(' '))
  expect(html).not.toMatch(/href/i)
  expect(html.match(/word\d+/g)).toHaveLength(harmful.length)
})

it('S9: absolute links are kept as a browser reads them', async () => {
  const html = await shown(kept.map(([href]) => `<a href="${href}">x</a>`).join(' '))
  expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual(
    kept.map(([, href]) => href),
  )
  expect(html.match(/rel="noopener noreferrer nofollow"/g)).toHaveLength(kept.length)
})
