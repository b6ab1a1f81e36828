// `buy`: orders per second over HTTP, compared with a minimal purchase in the database by as many clients.
import { openDatabase } from '../src/db/database.ts'
import {
  type BenchServer,
  benchCountries,
  fillPlatform,
  loopsOnConnections,
  type Platform,
  startServer,
} from './ground.ts'
import { httpLoad, requestText } from './http-load.ts'
import { compare, perSecond, type Result } from './measure.ts'

const seconds = 3
const rounds = 3
/** What the benchmarks buy. */
export const usedServices = [
  'whatsapp',
  'telegram',
  'google',
  'facebook',
  'instagram',
  'discord',
  'tinder',
  'uber',
  'paypal',
  'viber',
] as const

export async function buy(ground: BenchServer): Promise<Result[]> {
  const platform = await fillPlatform(ground, 'bench_buy', { numbers: 100_000, accounts: 1_000 })
  const bare = await bareSchema(ground, 1_000)
  const results: Result[] = []
  for (const accounts of [1_000, 1])
    for (const clients of [8, 32, 128]) {
      // @NOTE a separate server for each case, so that one case does not warm up the next
      const server = await startServer(platform.url)
      await buyOverHttp(server, platform, clients, accounts)
      const name = `${clients} clients, ${accounts === 1 ? 'one account' : '1,000 accounts'}`
      results.push(
        await compare(
          name,
          'orders/s',
          rounds,
          () => buyOverHttp(server, platform, clients, accounts),
          () => buyBare(bare, clients, accounts),
        ),
      )
      await server.stop()
    }
  await platform.db.end()
  return results
}

/** Buys for some seconds; every response must be a 201. @returns orders per second */
export function buyOverHttp(
  server: { readonly host: string; readonly port: number },
  platform: Platform,
  clients: number,
  accounts: number,
): Promise<number> {
  const requests = usedServices.flatMap((service) =>
    benchCountries.map((country) => JSON.stringify({ service, country })),
  )
  const pick = (list: readonly string[]) => list[Math.floor(Math.random() * list.length)] as string
  const keys = platform.keys.slice(0, accounts)
  return perSecond(seconds, async (going) => {
    let bought = 0
    await httpLoad(server, clients, {
      request: () =>
        going()
          ? requestText(
              'POST',
              '/v1/orders',
              { authorization: `Bearer ${pick(keys)}` },
              pick(requests),
            )
          : null,
      answered(status, body) {
        if (status !== 201) throw new Error(`bought nothing: ${status} ${body}`)
        bought++
      },
    })
    return bought
  })
}

/** The yardstick's tables and function: wallet, number, order, two entries, one event; one round trip. */
async function bareSchema(ground: BenchServer, accounts: number): Promise<string> {
  const url = await ground.createDatabase('bench_bare')
  const db = openDatabase({ url, poolSize: 1 })
  await db.query(`
    create table wallets (id int primary key, balance bigint not null check (balance >= 0)) with (fillfactor = 50);
    create table numbers (id int primary key, phone text not null, free boolean not null default true);
    create table orders (id bigint generated always as identity primary key, account int not null,
      number_id int not null, state text not null, price bigint not null, created_at timestamptz not null);
    create index on orders (account, id);
    create table entries (id bigint generated always as identity primary key, wallet int not null,
      amount bigint not null, order_id bigint not null, created_at timestamptz not null);
    create table events (id bigint generated always as identity primary key, account int not null,
      type text not null, order_id bigint not null, created_at timestamptz not null);
    insert into wallets select i, 1e15 from generate_series(1, ${accounts}) i;
    insert into numbers select i, '+999' || lpad(i::text, 9, '0') from generate_series(1, 1000000) i;
    create index on numbers (id) where free;
    create function bare_buy(p_account int, p_start int) returns bigint language plpgsql as $$
    declare n int; o bigint;
    begin
      select id into n from numbers where free and id >= p_start order by id limit 1 for update skip locked;
      update numbers set free = false where id = n;
      insert into orders (account, number_id, state, price, created_at)
        values (p_account, n, 'waiting', 4000, now()) returning id into o;
      insert into entries (wallet, amount, order_id, created_at)
        values (p_account, -4000, o, now()), (0, 4000, o, now());
      insert into events (account, type, order_id, created_at) values (p_account, 'created', o, now());
      update wallets set balance = balance - 4000 where id = p_account;
      return o;
    end $$;`)
  await db.query('vacuum analyze')
  await db.end()
  return url
}

function buyBare(url: string, clients: number, accounts: number): Promise<number> {
  return loopsOnConnections(url, clients, seconds, (client) =>
    client.query({
      name: 'buy',
      text: 'select bare_buy($1, $2)',
      values: [1 + Math.floor(Math.random() * accounts), 1 + Math.floor(Math.random() * 950_000)],
    }),
  )
}
