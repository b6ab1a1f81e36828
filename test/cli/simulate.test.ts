// `numlet suppliers simulate` runs a platform by itself, without a database, until it is asked to stop.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { main } from './program.ts'

it('sells play numbers on this machine, to whoever has its key, until it is stopped', async () => {
  const args = ['suppliers', 'simulate', '--port', '0', '--balance', '7.5', '--json']
  const program = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' },
  })
  const ended = once(program, 'exit')
  const [line] = (await once(createInterface(program.stdout), 'line')) as [string]
  const { kind, url, api_key: key } = JSON.parse(line) as Record<string, string>
  expect(kind).toBe('handler-api')
  expect(new URL(url as string).hostname).toBe('127.0.0.1')
  const ask = async (how: string, given = key) =>
    (await fetch(`${url}/${how}?action=getBalance&api_key=${given}`)).text()
  expect(await ask('')).toBe('ACCESS_BALANCE:7.5000')
  expect(await ask('dry/stubs/handler_api.php')).toBe('ACCESS_BALANCE:0.0000')
  expect(await ask('', 'guessed')).toBe('BAD_KEY')
  expect(await ask('dreams')).toMatch(/^Misbehaviours: slow, /)
  program.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})
