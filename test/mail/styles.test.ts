// S9: the styles of a mail that is shown: how words stand apart is kept, and nothing that does harm.
import { expect, it } from 'vitest'
import { sendMail, testMailServer } from '../harness/mail.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { buyOne, ownDomain } from './market.ts'

const server = await testServer({ template: 'catalog' })
const { app, db } = server
const mail = await testMailServer(server)
const { accountId } = await testCustomer(db, { credit: '100' })
const domain = await ownDomain(db)

const displays = [
  ...['block', 'inline', 'inline-block', 'table', 'table-cell', 'table-row', 'inline-table'],
  ...['flex', 'inline-flex', 'grid', 'inline-grid', 'list-item'],
]
const harmful = [
  'display:url(https://evil.example/x)',
  'display:block url(//evil.example)',
  'display:expression(alert(1))',
  'display:block;position:fixed;top:0;left:0;z-index:9',
  'display:flex;background-image:url(https://evil.example/x.png)',
  'display:grid;grid-area:1/1;margin-top:-99999px;transform:scale(99)',
  'display:block;content:"x";behavior:url(x.htc);-moz-binding:url(x)',
  'display:contents',
  'display:run-in',
  'display:var(--x);--x:block',
  'display:block}*{background:url(//evil.example)',
  'display:"block"',
  'display:block\\9;position:\\66ixed',
  'POSITION:FIXED;DISPLAY:TABLE;BACKGROUND:URL(//EVIL.EXAMPLE)',
  'display:block&quot; onmouseover=&quot;alert(1)',
  'display:flex;flex-direction:row-reverse;order:-1;float:left;opacity:0.5',
]
/** All that a style may still say. */
const harmless = /^(?:(?:display:[a-z-]{4,12}|flex-direction:(?:row|column))(?: !important)?;?)*$/

async function shown(html: string): Promise<string> {
  const order = await buyOne(app, { accountId, domains: [domain] })
  await sendMail(mail, { to: order.email, subject: 'Styles', html })
  return (await app.messages.of(order.id))[0]?.html ?? ''
}

const stylesIn = (html: string) => [...html.matchAll(/style="([^"]*)"/g)].map(([, style]) => style)

it('S9: how elements stand among others is kept', async () => {
  const spans = displays.map((display) => `<span style="display:${display}">482918</span>`)
  const html = await shown(`Code${spans.join('')}Bye`)
  expect(stylesIn(html)).toEqual(displays.map((display) => `display:${display}`))
})

it('S9: styles in capitals and important ones are kept', async () => {
  const html = await shown(
    'Code<b style="DISPLAY: Block">482918</b><b style="display:table-cell !important">Bye</b>',
  )
  expect(stylesIn(html)).toEqual(['display:block', 'display:table-cell !important'])
})

it('S9: a column stays a column', async () => {
  const html = await shown('<div style="display:flex;flex-direction:column"><p>482918</p></div>')
  expect(stylesIn(html)).toEqual(['display:flex;flex-direction:column'])
})

it('S9: hidden elements are left out or stay hidden', async () => {
  const html = await shown(
    '<p style="display:none">111222</p><p style="display:/**/none">333444</p><p>482918</p>',
  )
  expect(html).not.toContain('111222')
  expect(html).toBe('<p style="display:none">333444</p><p>482918</p>')
})

it('S9: nothing that moves, covers, loads or runs comes through beside a display', async () => {
  const html = await shown(harmful.map((style) => `<p style="${style}">482918</p>`).join(''))
  expect(html.match(/482918/g)).toHaveLength(harmful.length)
  expect(html).not.toMatch(
    /evil|url|fixed|expression|behavior|onmouseover="|var\(|binding|reverse/i,
  )
  for (const style of stylesIn(html)) expect(style).toMatch(harmless)
})
