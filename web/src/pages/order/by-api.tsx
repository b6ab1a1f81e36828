// "The same by API": what a program would send to buy this, in three languages.
import { useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import type { Order } from '../../api/queries.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { Panel } from '../../parts/page.tsx'
import css from './order.module.css'

const languages = ['curl', 'TypeScript', 'Python'] as const
type Language = (typeof languages)[number]

export function ByApi({ order }: { order: Order }) {
  const { t } = useLingui()
  const [language, setLanguage] = useState<Language>('curl')
  const text = exampleOf(language, order)
  return (
    <Panel
      title={t`The same by API`}
      aside={
        <div className="row tight">
          <div className={css.tabs} role="group" aria-label={t`Language of the example`}>
            {languages.map((one) => (
              <button
                type="button"
                key={one}
                aria-pressed={one === language}
                onClick={() => setLanguage(one)}
              >
                {one}
              </button>
            ))}
          </div>
          <CopyIcon text={text} label={t`Copy the example`} />
        </div>
      }
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <pre className={`${css.example} ltr`} tabIndex={0}>
        {text}
      </pre>
    </Panel>
  )
}

function exampleOf(language: Language, order: Order): string {
  const url = `${location.origin}/v1/orders`
  const body = JSON.stringify(wishOf(order), null, 2)
  if (language === 'curl')
    return `curl -X POST ${url} \\
  -H "Authorization: Bearer $NUMLET_KEY" \\
  -H "Content-Type: application/json" \\
  -d '${JSON.stringify(wishOf(order)).replaceAll("'", "'\\''")}'`
  if (language === 'TypeScript')
    return `const response = await fetch('${url}', {
  method: 'POST',
  headers: {
    Authorization: \`Bearer \${process.env.NUMLET_KEY}\`,
    'Content-Type': 'application/json',
    'Idempotency-Key': crypto.randomUUID(),
  },
  body: JSON.stringify(${indent(body)}),
})
const order = await response.json()`
  return `import os, requests

response = requests.post(
    "${url}",
    headers={"Authorization": f"Bearer {os.environ['NUMLET_KEY']}"},
    json=${indent(body, 4)},
)
order = response.json()`
}

const indent = (text: string, by = 2) => text.replaceAll('\n', `\n${' '.repeat(by)}`)

/** The fields of the request that would buy the same again. */
function wishOf(order: Order): Record<string, unknown> {
  if (order.kind === 'email')
    return { kind: 'email', site: order.inbox.site, domain: order.inbox.domain }
  if (order.kind === 'esim') return { offer_id: order.offer_id }
  const { service, country, operator, pool } = order
  const wish = { service, country, ...(operator && operator !== 'any' ? { operator } : {}), pool }
  return order.kind === 'rental' ? { kind: 'rental', ...wish, duration: order.duration } : wish
}
