// `numlet start`, `serve`, `work`, `migrate`: the roles of the program, for one machine or more.
import type { Command } from 'commander'
import { type Config, toConfig } from '../config.ts'
import { printThing, type Shown, soleVerb } from './output.ts'

const byName = {
  start: async () => (await import('../roles.ts')).start,
  serve: async () => (await import('../roles.ts')).serve,
  work: async () => (await import('../roles.ts')).work,
}

export function addRole(command: Command): void {
  const name = command.name()
  if (name === 'migrate') addMigrate(command)
  else
    command.action(async () => {
      const config = await serverConfig()
      const run = await byName[name as keyof typeof byName]()
      await run(config)
    })
}

function addMigrate(command: Command): void {
  soleVerb(command).action(async (shown: Shown) => {
    const config = await serverConfig()
    await (await import('../roles.ts')).migrateOnly(config)
    if (shown.json) printThing(shown, { migrated: true })
  })
}

async function serverConfig(): Promise<Config> {
  const { dialectsWithHosts } = await import('../dialects/all.ts')
  return toConfig(process.env, dialectsWithHosts)
}
