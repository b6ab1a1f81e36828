// The command line as a whole: which nouns there are, and what becomes of errors. A noun's file is
// loaded when it is asked for, so that help and `codes extract` wait for no driver and no server.
import { Command, CommanderError } from 'commander'
import { lineOf } from './failure.ts'

/** Adds a noun's commands to it. */
type Add = (noun: Command) => void

type Noun = { readonly name: string; readonly summary: string; readonly load: () => Promise<Add> }

const done = 0
const failed = 1
const wrongUsage = 2

const roles: readonly Noun[] = [
  role('start', 'run the whole product on this machine until SIGINT or SIGTERM'),
  role('serve', 'run a server, against a database that workers share'),
  role('work', 'run a worker: deadlines, deliveries, schedules'),
  role('migrate', 'bring the database to the version of this program'),
]

const nouns: readonly Noun[] = [
  {
    name: 'accounts',
    summary: 'customers, their money and limits',
    load: async () => (await import('./accounts.ts')).addAccounts,
  },
  {
    name: 'keys',
    summary: 'API keys of accounts',
    load: async () => (await import('./keys.ts')).addKeys,
  },
  {
    name: 'deposits',
    summary: 'money on its way in: approve, settle, give back',
    load: async () => (await import('./deposits.ts')).addDeposits,
  },
  {
    name: 'webhooks',
    summary: 'where customers are told of events: list, new encryption keys',
    load: async () => (await import('./webhooks.ts')).addWebhooks,
  },
  {
    name: 'suppliers',
    summary: 'whom numbers and messages come from',
    load: async () => (await import('./suppliers.ts')).addSuppliers,
  },
  {
    name: 'numbers',
    summary: 'the stock of phone numbers',
    load: async () => (await import('./numbers.ts')).addNumbers,
  },
  {
    name: 'plans',
    summary: 'data plans of eSIMs: add, price, disable',
    load: async () => (await import('./plans.ts')).addPlans,
  },
  {
    name: 'esims',
    summary: 'the stock of eSIM activation codes',
    load: async () => (await import('./esims.ts')).addEsims,
  },
  {
    name: 'services',
    summary: 'what codes are for: list, close, open',
    load: async () => (await import('./services.ts')).addServices,
  },
  {
    name: 'countries',
    summary: 'countries: list, close, open',
    load: async () => (await import('./countries.ts')).addCountries,
  },
  {
    name: 'offers',
    summary: 'what can be bought, and its price',
    load: async () => (await import('./offers.ts')).addOffers,
  },
  {
    name: 'domains',
    summary: 'mail domains, whose inboxes are let',
    load: async () => (await import('./domains.ts')).addDomains,
  },
  {
    name: 'rates',
    summary: 'what a US dollar costs in other currencies',
    load: async () => (await import('./rates.ts')).addRates,
  },
  {
    name: 'settings',
    summary: 'what an operator sets while the platform runs',
    load: async () => (await import('./settings.ts')).addSettings,
  },
  {
    name: 'messages',
    summary: 'messages that reached nobody',
    load: async () => (await import('./messages.ts')).addMessages,
  },
  {
    name: 'codes',
    summary: 'find one-time codes in messages',
    load: async () => (await import('./codes.ts')).addCodes,
  },
  {
    name: 'audit',
    summary: 'prove that the books are right, on the live system',
    load: async () => (await import('./audit.ts')).addAudit,
  },
  {
    name: 'log',
    summary: 'what operators did',
    load: async () => (await import('./log.ts')).addLog,
  },
]

/** Runs one command line to its end. @returns the exit code */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await (await programFor(args)).parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? done)
  } catch (error) {
    // Commander has said what is wrong, or shown the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? done : wrongUsage
    process.stderr.write(`${lineOf(error)}\n`)
    return failed
  }
}

async function programFor(args: readonly string[]): Promise<Command> {
  const program = new Command('numlet')
    .description('Lets phone numbers by the order, and hands over the codes that arrive on them.')
    .exitOverride()
    .showHelpAfterError('(--help tells more)')
  const wanted = args[0] === 'help' ? args[1] : args.find((arg) => !arg.startsWith('-'))
  for (const [heading, group] of [
    ['Running it:', roles],
    ['Operating it:', nouns],
  ] as const)
    for (const noun of group) {
      const command = program.command(noun.name).description(noun.summary).helpGroup(heading)
      if (noun.name === wanted) (await noun.load())(command)
    }
  return program
}

function role(name: string, summary: string): Noun {
  return { name, summary, load: async () => (await import('./roles.ts')).addRole }
}
