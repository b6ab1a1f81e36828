// B10: the catalog as operators set it: services with rules, pools, rentals, withdrawn offers, price files.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installCatalog } from '../../src/core/catalog/install.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { expectCleanAudit } from '../promises/market.ts'
import { insideOn } from './inside.ts'
import { jsonOf } from './program.ts'

type Offer = { id: number; offer_id: number; operator: string; price: string; state: string }
type Order = { id: string; phone: string; offer_id: number; price: string }

describe('B10: the catalog as operators set it', async () => {
  const server = await testServer()
  const { db } = server
  const { secret } = await testSupplier(db)
  const { key } = await testCustomer(db, { credit: '1000' })
  const numlet = insideOn(server.databaseUrl)
  const json = async (...args: string[]) => jsonOf(await numlet(...args, '--json'))
  const newest = async () => (await json('log', '--limit', '1'))[0]
  const order = (selection: Record<string, unknown>) =>
    call<Order & { code: string }>(server, key, 'POST', '/v1/orders', selection)

  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'numlet-prices-'))
  })
  afterAll(() => rm(folder, { recursive: true }))
  const file = async (text: string) => {
    const path = join(folder, 'prices.csv')
    await writeFile(path, text)
    return path
  }

  it('adds a service with rules, sells it, and finds its codes by them', async () => {
    const own = await ownService(db, { numbers: 5 })
    const [{ operator }] = await json('offers', 'list', '--service', own.slug)
    const added = await json(
      ...['services', 'add', 'acme-pay', '--name', 'Acme Pay', '--category', 'finance'],
      ...['--senders', 'ACMEPAY', '--words', 'acme pay', 'acmepay'],
      ...['--rules', 'token ([a-z]{3}-\\d{3})', '--reason', 'asked for by a customer'],
    )
    expect(added).toMatchObject({
      service: 'acme-pay',
      name: 'Acme Pay',
      category: 'finance',
      senders: ['ACMEPAY'],
      rules: ['token ([a-z]{3}-\\d{3})'],
      takes_any: false,
    })
    expect(added.id).toBeGreaterThan(1_000_000)
    expect(await newest()).toMatchObject({
      action: 'service.add',
      subject: 'service acme-pay',
      reason: 'asked for by a customer',
    })
    const place = ['--country', own.country, '--operator', operator, '--pool', '1']
    await json('offers', 'set', '--service', 'acme-pay', ...place, '--price', '0.75')
    const bought = await order({ service: 'acme-pay', country: own.country })
    expect(bought).toMatchObject({ status: 201, body: { price: '0.75' } })
    await call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: {
        number: bought.body.phone,
        sender: 'ACMEPAY',
        sms: 'Use token abc-123 or call 555100',
      },
    })
    const read = await call<Order & { code: string }>(
      server,
      key,
      'GET',
      `/v1/orders/${bought.body.id}`,
    )
    expect(read.body.code.replace('-', '')).toBe('abc123')
  })

  it('keeps what was set of a service when the catalog is installed anew', async () => {
    const set = ['services', 'set', 'telegram', '--name', 'Telegram Messenger', '--words', 'none']
    const changed = await json(...set)
    expect(changed).toMatchObject({ name: 'Telegram Messenger', words: [] })
    expect(await newest()).toMatchObject({
      action: 'service.change',
      detail: { before: { name: 'Telegram' }, after: { name: 'Telegram Messenger', words: [] } },
    })
    const any = await json('services', 'set', 'telegram', '--takes-any')
    expect(any.takes_any).toBe(true)
    expect((await json('services', 'set', 'telegram', '--no-takes-any')).takes_any).toBe(false)
    await db.query(`update services set name = 'Old name' where slug = 'whatsapp'`)
    await db.begin((tx) => installCatalog(tx, new Date()))
    expect(await json('services', 'show', 'telegram')).toEqual({ ...any, takes_any: false })
    expect((await json('services', 'show', 'whatsapp')).name).toBe('WhatsApp')
  })

  it('refuses services, rules and pools that are none, says why, and names what is near', async () => {
    const refused = [
      [['services', 'show', 'whatsap'], 'Did you mean whatsapp?'],
      [['services', 'close', 'telegrm'], 'Did you mean telegram?'],
      [['services', 'add', 'telegram', '--name', 'x'], 'already'],
      [['services', 'add', 'No Slug', '--name', 'x'], 'slug'],
      [['services', 'set', 'telegram', '--category', 'gaming'], 'Choose one of: '],
      [['services', 'set', 'telegram', '--rules', '(\\d+)'], 'without a limit'],
      [['services', 'set', 'telegram', '--rules', '\\d{6}'], 'has no group'],
      [['services', 'set', 'telegram', '--rules', '((a)'], 'is not a regular expression'],
      [['services', 'set', 'telegram', '--rules', '((\\d{2}){9})'], 'repeats a group'],
      [['services', 'set', 'telegram', '--site', 'https://x'], 'domain'],
      [['pools', 'reserve', '9'], 'Choose one of: 1, 2, 3, special'],
      [['pools', 'add', '1', '--name', 'x'], 'already'],
      [['pools', 'add', 'no pool', '--name', 'x'], 'id of a pool'],
      [['offers', 'withdraw', '999999'], 'There is no offer 999999'],
      [
        [
          'offers',
          'set',
          '--service',
          'tlegram',
          '--country',
          'US',
          '--operator',
          'tmobile',
        ].concat(['--pool', '1', '--price', '1']),
        'Did you mean telegram?',
      ],
      [
        [
          'offers',
          'set',
          '--service',
          'telegram',
          '--country',
          'US',
          '--operator',
          'tmobil',
        ].concat(['--pool', '1', '--price', '1']),
        'Did you mean tmobile?',
      ],
    ] as const
    const [before] = await db.query('select count(*) from audit_log')
    for (const [args, words] of refused) {
      const outcome = await numlet(...args)
      expect(outcome, args.join(' ')).toMatchObject({ code: 1, stdout: '' })
      expect(outcome.stderr, args.join(' ')).toContain(words)
      expect(outcome.stderr.trimEnd()).not.toContain('\n')
    }
    expect(await db.query('select count(*) from audit_log')).toEqual([before])
  })

  it('adds, describes, reserves and releases a pool', async () => {
    const own = await ownService(db, { numbers: 3 })
    expect(await json('pools', 'add', 'vip', '--name', 'VIP', '--reserved')).toMatchObject({
      pool: 'vip',
      reserved: true,
      numbers: 0,
    })
    const text = 'For one customer'
    expect(await json('pools', 'describe', 'vip', '--description', text)).toMatchObject({
      name: 'VIP',
      description: text,
    })
    expect((await json('pools', 'list')).map((one: { pool: string }) => one.pool)).toContain('vip')
    const selection = { service: own.slug, country: own.country }
    try {
      expect(await json('pools', 'reserve', '1')).toMatchObject({ pool: '1', reserved: true })
      expect(await newest()).toMatchObject({
        action: 'pool.change',
        subject: 'pool 1',
        detail: { before: { reserved: false }, after: { reserved: true } },
      })
      expect((await order(selection)).status).toBe(409)
      expect((await order({ ...selection, pool: '1' })).status).toBe(201)
    } finally {
      await json('pools', 'release', '1')
    }
    expect((await order(selection)).status).toBe(201)
    await expectCleanAudit(db)
  })

  it('withdraws an offer and restores it, with its stock; orders that were made go on', async () => {
    const own = await ownService(db, { numbers: 4 })
    const [{ offer_id: id }] = await json('offers', 'list', '--service', own.slug)
    const selection = { service: own.slug, country: own.country }
    const before = await order(selection)
    expect(await json('offers', 'withdraw', String(id))).toMatchObject({
      offer_id: id,
      state: 'withdrawn',
    })
    expect(await newest()).toMatchObject({ action: 'offer.withdraw', subject: `offer ${id}` })
    expect(await json('offers', 'list', '--service', own.slug)).toEqual([])
    expect(await json('offers', 'list', '--service', own.slug, '--withdrawn')).toHaveLength(1)
    for (const one of [selection, { offer_id: id }])
      expect(await order(one)).toMatchObject({ status: 404, body: { code: 'offer_not_found' } })
    const open = await call<{ state: string }>(server, key, 'GET', `/v1/orders/${before.body.id}`)
    expect(open.body.state).toBe('waiting')
    await expectCleanAudit(db)
    // Its price may be set meanwhile; that does not put it back.
    const [{ operator }] = await json('offers', 'list', '--service', own.slug, '--withdrawn')
    const place = ['--country', own.country, '--operator', operator, '--pool', '1']
    const priced = await json('offers', 'set', '--service', own.slug, ...place, '--price', '0.60')
    expect(priced).toMatchObject({ price: '0.60', state: 'withdrawn' })
    await json('offers', 'withdraw', String(id))
    await expectCleanAudit(db)
    expect(await json('offers', 'restore', String(id))).toMatchObject({ state: 'active' })
    expect(await order(selection)).toMatchObject({ status: 201, body: { price: '0.60' } })
    await expectCleanAudit(db)
  })

  it('adds a rental, changes its price, withdraws it', async () => {
    const own = await ownService(db, { numbers: 4 })
    const [{ operator }] = await json('offers', 'list', '--service', own.slug)
    const place = [
      '--service',
      own.slug,
      '--country',
      own.country,
      '--operator',
      operator,
      '--pool',
      '1',
    ]
    const added = await json('rentals', 'add', ...place, '--duration', '12h', '--price', '2')
    expect(added).toMatchObject({ kind: 'rental', duration: '12h', price: '2.00', state: 'active' })
    const id = String(added.offer_id)
    expect(await json('rentals', 'price', id, '2.50')).toMatchObject({ price: '2.50' })
    expect(await newest()).toMatchObject({
      action: 'offer.set',
      subject: `offer ${id}`,
      detail: { before: { price: '2.00' }, after: { price: '2.50' } },
    })
    const selection = { kind: 'rental', service: own.slug, country: own.country, duration: '12h' }
    expect(await order(selection)).toMatchObject({ status: 201, body: { price: '2.50' } })
    await json('rentals', 'withdraw', id)
    expect((await order(selection)).status).toBeGreaterThanOrEqual(404)
    expect(await json('rentals', 'list', '--service', own.slug)).toMatchObject([
      { state: 'withdrawn' },
    ])
    expect(
      await numlet('rentals', 'add', ...place, '--duration', 'long', '--price', '2'),
    ).toMatchObject({
      code: 2,
    })
    await json('rentals', 'restore', id)
    expect((await order(selection)).status).toBe(201)
    const [activation] = await json('offers', 'list', '--service', own.slug)
    const other = String(activation.offer_id)
    for (const verb of [
      ['price', other, '9'],
      ['withdraw', other],
      ['restore', other],
    ])
      expect(await numlet('rentals', ...verb)).toMatchObject({
        code: 1,
        stderr: `Offer ${other} is of the kind activation, not rental.\n`,
      })
    const [unchanged] = await json('offers', 'list', '--service', own.slug)
    expect(unchanged).toEqual(activation)
    await expectCleanAudit(db)
  })

  it('writes a price file and takes it back, with a preview, all or nothing', async () => {
    const own = await ownService(db, { numbers: 4, price: '0.50' })
    const [{ operator }] = await json('offers', 'list', '--service', own.slug)
    const out = join(folder, 'out.csv')
    expect(await json('offers', 'export', '--service', own.slug, '--out', out)).toMatchObject({
      offers: 1,
    })
    const header = 'kind,service,country,operator,pool,duration,price,state'
    const line = `activation,${own.slug},${own.country},${operator},1,,0.50,active`
    expect(await readFile(out, 'utf8')).toBe(`${header}\n${line}\n`)
    const tsv = await numlet('offers', 'export', '--service', own.slug, '--format', 'tsv')
    expect(tsv.stdout).toBe(`${header}\n${line}\n`.replaceAll(',', '\t'))
    expect(await json('offers', 'import', out)).toMatchObject({
      applied: true,
      unchanged: 1,
      changes: [],
    })

    const changed = await file(
      `${header}\n${line.replace('0.50', '"0.65"')}\nrental,${own.slug},${own.country},${operator},1,7d,9,\n`,
    )
    const preview = await json('offers', 'import', changed, '--preview')
    expect(preview).toMatchObject({
      applied: false,
      added: 1,
      changed: 1,
      changes: [
        { line: 2, what: 'changed', price_before: '0.50', price: '0.65' },
        {
          line: 3,
          what: 'added',
          kind: 'rental',
          duration: '7d',
          price_before: null,
          price: '9.00',
        },
      ],
    })
    const prices = async () =>
      (await json('offers', 'list', '--service', own.slug)).map((offer: Offer) => offer.price)
    expect(await prices()).toEqual(['0.50'])
    const done = await json('offers', 'import', changed, '--reason', 'new list')
    expect(done).toMatchObject({ applied: true, added: 1, changed: 1 })
    expect((await prices()).sort()).toEqual(['0.65', '9.00'])
    expect(await json('log', '--action', 'offer.set', '--limit', '2')).toMatchObject([
      { reason: 'new list', detail: { before: null, after: { price: '9.00' } } },
      { reason: 'new list', detail: { before: { price: '0.50' }, after: { price: '0.65' } } },
    ])
    const off = await file(`${header}\n${line.replace('0.50,active', ',withdrawn')}\n`)
    expect(await json('offers', 'import', off)).toMatchObject({ withdrawn: 1, changed: 0 })
    const on = await file(`${header.replaceAll(',', ';')}\n${line.replaceAll(',', ';')}\n`)
    expect(await json('offers', 'import', on)).toMatchObject({ restored: 1, changed: 1 })
    expect((await order({ service: own.slug, country: own.country })).body.price).toBe('0.50')
    await expectCleanAudit(db)
  })

  it('names every bad line of a price file and changes nothing', async () => {
    const own = await ownService(db, { numbers: 2, price: '0.50' })
    const [{ operator }] = await json('offers', 'list', '--service', own.slug)
    const header = 'kind,service,country,operator,pool,duration,price,state'
    const good = `activation,${own.slug},${own.country},${operator},1,,0.80,`
    const place = `${own.slug},${own.country},${operator},1`
    const bad = await file(
      [
        header,
        good,
        `activation,${place},,0.90,`,
        `activation,whatsap,US,tmobile,1,,0.90,`,
        `activation,whatsapp,QQ,tmobile,1,,0.90,`,
        `activation,whatsapp,US,tmobil,1,,0.90,`,
        `activation,whatsapp,US,tmobile,77,,0.90,`,
        `activation,whatsapp,US,tmobile,1,3d,0.90,`,
        `rental,${place},,0.90,`,
        `rental,${place},9d,,`,
        `activation,whatsapp,US,tmobile,1,,1e3,`,
        `activation,whatsapp,US,tmobile,1,,0.90,gone`,
        `esim,whatsapp,US,tmobile,1,,0.90,`,
      ].join('\n'),
    )
    const [before] = await db.query('select count(*) as lines from audit_log')
    for (const more of [[], ['--preview']]) {
      const { code, stdout, stderr } = await numlet('offers', 'import', bad, ...more, '--json')
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      const lines = stderr.trimEnd().split('\n')
      expect(lines.slice(0, -1).map((one) => /^line (\d+): /.exec(one)?.[1])).toEqual(
        Array.from({ length: 11 }, (_, i) => String(i + 3)),
      )
      expect(stderr).toContain('Did you mean whatsapp?')
      expect(stderr).toContain('Did you mean tmobile?')
      expect(lines.at(-1)).toBe('11 of 12 lines are bad: nothing was changed.')
    }
    expect((await json('offers', 'list', '--service', own.slug))[0].price).toBe('0.50')
    expect(await db.query('select count(*) as lines from audit_log')).toEqual([before])
    for (const text of ['', 'kind,service\n', 'kind,service,country,operator,pool,cost\n'])
      expect(await numlet('offers', 'import', await file(text))).toMatchObject({
        code: 1,
        stdout: '',
      })
    expect(await numlet('offers', 'import', join(folder, 'missing'))).toMatchObject({ code: 1 })
  })
})
