// The table on top of each dialect's routes.ts: its calls, as the server has them.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/all.ts'
import { referenceOf } from '../harness/documented.ts'
import { testServer } from '../harness/server.ts'

const row = /^\/\/ {3}(GET|POST|PATCH|DELETE) +(\/\S+) {2,}(\S.*)$/gm

describe('the table of calls in routes.ts', async () => {
  const { operations } = await referenceOf(await testServer())

  it.each(dialects.map(({ name, prefix }) => [name, prefix]))('is true for %s', (name, prefix) => {
    const source = readFileSync(`src/dialects/${name}/routes.ts`, 'utf8')
    const listed = [...source.matchAll(row)].map(([, method, path, what]) => [method, path, what])
    const within = dialects
      .map((one) => `${one.prefix}/`)
      .filter((it) => it.length > `${prefix}/`.length)
    const served = operations
      .filter(({ path }) => path.startsWith(`${prefix}/`))
      .filter(
        ({ path }) => !within.some((one) => one.startsWith(`${prefix}/`) && path.startsWith(one)),
      )
      .map(({ method, path, summary }) => [
        method,
        path.slice((prefix as string).length).replace(/\{(\w+)\}/g, ':$1'),
        summary,
      ])
      // The table of ZapOTP says once that each path also has this form.
      .filter(([, path]) => name !== 'zapotp' || !path?.endsWith('.php'))
    expect(listed.length).toBeGreaterThan(name === 'back-office' ? 0 : 4)
    expect(listed.sort()).toEqual(served.sort())
  })
})
