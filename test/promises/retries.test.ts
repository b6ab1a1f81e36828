// Trouble behind the database: what collided is run again in one place, and no failure is swallowed.
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { openDatabase, type Tx } from '../../src/db/database.ts'
import { testDatabase } from '../harness/database.ts'
import { eventually } from '../harness/program.ts'

describe('a transaction', async () => {
  const { db, url } = await testDatabase('empty')
  await db.query('create table counters (id int primary key, value int not null)')
  await db.query(`create table lines (
    id int primary key,
    counter int references counters deferrable initially deferred)`)

  const reset = () =>
    db.query(`insert into counters select id, 0 from generate_series(1, 4) as id
      on conflict (id) do update set value = 0`)
  const counter = async (id: number) =>
    (await db.query<{ value: number }>('select value from counters where id = $1', [id]))[0]?.value
  const add = (tx: Tx, id: number) =>
    tx.query('update counters set value = value + 1 where id = $1', [id])

  it('that deadlocked is run again until it is done', async () => {
    await reset()
    let attempts = 0
    const both = (first: number, second: number, met: () => Promise<void>) =>
      db.begin(async (tx) => {
        attempts++
        await add(tx, first)
        await met()
        await add(tx, second)
      })
    const rounds = 5
    for (let round = 0; round < rounds; round++) {
      const meet = meeting(2)
      await Promise.all([both(1, 2, meet), both(2, 1, meet)])
    }
    // Each round one of the two was the victim, and came again.
    expect(attempts).toBeGreaterThanOrEqual(rounds * 3)
    expect([await counter(1), await counter(2)]).toEqual([2 * rounds, 2 * rounds])
  })

  it('that could not be serialized is run again until it is done', async () => {
    await reset()
    let attempts = 0
    const writers = 8
    const meet = meeting(writers)
    const increase = () =>
      db.begin(async (tx) => {
        attempts++
        await tx.query('set transaction isolation level serializable')
        const [row] = await tx.query<{ value: number }>('select value from counters where id = 3')
        await meet()
        await tx.query('update counters set value = $1 where id = 3', [(row?.value ?? 0) + 1])
      })
    await Promise.all(Array.from({ length: writers }, increase))
    expect(await counter(3)).toBe(writers)
    expect(attempts).toBeGreaterThan(writers)
  })

  it('that collides for ever is given up with the error, not without end', async () => {
    let attempts = 0
    const hopeless = db.begin(async (tx) => {
      attempts++
      await tx.query(`do $$ begin raise exception 'again' using errcode = '40001'; end $$`)
    })
    await expect(hopeless).rejects.toMatchObject({ code: '40001' })
    expect(attempts).toBe(10)
  })

  it('that fails by itself is not run again, and leaves nothing behind', async () => {
    await reset()
    let attempts = 0
    const failing = db.begin(async (tx) => {
      attempts++
      await add(tx, 1)
      throw new Error('of our own making')
    })
    await expect(failing).rejects.toThrow('of our own making')
    expect([attempts, await counter(1)]).toEqual([1, 0])
  })

  it('whose commit fails is an error', async () => {
    const failing = db.begin((tx) => tx.query('insert into lines values (1, 99)'))
    await expect(failing).rejects.toMatchObject({ code: '23503' })
    expect(await db.query('select * from lines')).toEqual([])
  })

  it('that was broken and committed all the same is an error: nothing was written', async () => {
    await reset()
    const failing = db.begin(async (tx) => {
      await add(tx, 1)
      await tx.query('select 1 / 0').catch(() => 'swallowed')
    })
    await expect(failing).rejects.toThrow('not committed: ROLLBACK')
    expect(await counter(1)).toBe(0)
  })

  it('takes no statement after its end', async () => {
    await reset()
    const tx = await db.begin(async (tx) => tx)
    await expect(add(tx, 1)).rejects.toThrow('has ended')
    let escaped: Tx | undefined
    await db
      .begin(async (tx) => {
        escaped = tx
        throw new Error('over')
      })
      .catch(() => undefined)
    await expect(add(escaped as Tx, 1)).rejects.toThrow('has ended')
    expect(await counter(1)).toBe(0)
  })

  it('whose connection is cut is an error, ends no process, and the next one works', async () => {
    await reset()
    const admin = new pg.Client(url)
    await admin.connect()
    for (const moment of ['between its statements', 'within one'] as const) {
      const cut = db.begin(async (tx) => {
        await add(tx, 1)
        const [row] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
        const kill = () => admin.query('select pg_terminate_backend($1)', [row?.pid])
        if (moment === 'within one') {
          const sleeping = tx.query('select pg_sleep(60)')
          sleeping.catch(() => undefined)
          await kill()
          await sleeping
        } else {
          await kill()
          const { rows } = await eventually(async () => {
            const left = await admin.query('select 1 from pg_stat_activity where pid = $1', [
              row?.pid,
            ])
            return left.rows.length === 0 ? left : null
          })
          expect(rows).toEqual([])
        }
        await add(tx, 1)
      })
      await expect(cut).rejects.toThrow(/terminat|connection|EPIPE|ECONNRESET|queryable/)
      expect(await counter(1)).toBe(0)
    }
    await admin.end()
  })

  it('waits for a connection when all are lent out, and they all come back', async () => {
    await reset()
    const small = openDatabase({ url, poolSize: 2 })
    const work = (index: number) =>
      small.begin(async (tx) => {
        await add(tx, 4)
        if (index % 3 === 0) throw new Error('no')
      })
    const settled = await Promise.allSettled(Array.from({ length: 60 }, (_, i) => work(i)))
    expect(settled.filter((one) => one.status === 'fulfilled')).toHaveLength(40)
    expect(await counter(4)).toBe(40)
    await small.end()
  })
})

/** Holds the first so many callers until they are all there; later ones pass. */
function meeting(count: number): () => Promise<void> {
  let here = 0
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return () => {
    if (++here === count) open()
    return opened
  }
}
