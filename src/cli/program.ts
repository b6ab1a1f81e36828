// The whole command line: its nouns and its error handling. The file of a noun is loaded only when it is
// needed, so that help and `codes extract` load no database driver and no server.
import { Command, CommanderError } from 'commander'
import { lineOf } from './failure.ts'

/** Adds a noun's commands to it. */
type Add = (noun: Command) => void

type Noun = { readonly name: string; readonly summary: string; readonly load: () => Promise<Add> }

const done = 0
const failed = 1
const wrongUsage = 2

const roles: readonly Noun[] = [
  role('start', 'Run the whole product on this machine until SIGINT or SIGTERM'),
  role('serve', 'Run an HTTP server on a database that is shared with workers'),
  role('work', 'Run a worker: deadlines, deliveries, scheduled jobs'),
  role('migrate', 'Bring the database schema to the version of this program'),
]

const nouns: readonly Noun[] = [
  {
    name: 'accounts',
    summary: 'Manage customers, their balances and limits',
    load: async () => (await import('./accounts.ts')).addAccounts,
  },
  {
    name: 'keys',
    summary: 'Manage API keys of accounts',
    load: async () => (await import('./keys.ts')).addKeys,
  },
  {
    name: 'users',
    summary: 'Manage people who sign in to the dashboard',
    load: async () => (await import('./users.ts')).addUsers,
  },
  {
    name: 'staff',
    summary: 'Manage the operator’s own people and their keys',
    load: async () => (await import('./staff.ts')).addStaff,
  },
  {
    name: 'orders',
    summary: 'Find, show, cancel and refund orders',
    load: async () => (await import('./orders.ts')).addOrders,
  },
  {
    name: 'deposits',
    summary: 'Approve, settle and refund deposits',
    load: async () => (await import('./deposits.ts')).addDeposits,
  },
  {
    name: 'webhooks',
    summary: 'List webhook endpoints and renew their encryption',
    load: async () => (await import('./webhooks.ts')).addWebhooks,
  },
  {
    name: 'suppliers',
    summary: 'Manage suppliers of numbers and messages',
    load: async () => (await import('./suppliers.ts')).addSuppliers,
  },
  {
    name: 'numbers',
    summary: 'Manage the stock of phone numbers',
    load: async () => (await import('./numbers.ts')).addNumbers,
  },
  {
    name: 'plans',
    summary: 'Manage eSIM data plans',
    load: async () => (await import('./plans.ts')).addPlans,
  },
  {
    name: 'esims',
    summary: 'Manage the stock of eSIM activation codes',
    load: async () => (await import('./esims.ts')).addEsims,
  },
  {
    name: 'services',
    summary: 'Manage services, the sites and apps that codes are for',
    load: async () => (await import('./services.ts')).addServices,
  },
  {
    name: 'countries',
    summary: 'Open and close countries',
    load: async () => (await import('./countries.ts')).addCountries,
  },
  {
    name: 'offers',
    summary: 'Manage offers and their prices',
    load: async () => (await import('./offers.ts')).addOffers,
  },
  {
    name: 'rentals',
    summary: 'Manage offers of rentals',
    load: async () => (await import('./rentals.ts')).addRentals,
  },
  {
    name: 'pools',
    summary: 'Manage pools, the tiers of supply',
    load: async () => (await import('./pools.ts')).addPools,
  },
  {
    name: 'domains',
    summary: 'Manage mail domains',
    load: async () => (await import('./domains.ts')).addDomains,
  },
  {
    name: 'rates',
    summary: 'Set exchange rates',
    load: async () => (await import('./rates.ts')).addRates,
  },
  {
    name: 'settings',
    summary: 'Change settings of the running platform',
    load: async () => (await import('./settings.ts')).addSettings,
  },
  {
    name: 'messages',
    summary: 'Handle messages that reached no order',
    load: async () => (await import('./messages.ts')).addMessages,
  },
  {
    name: 'codes',
    summary: 'Find one-time codes in messages',
    load: async () => (await import('./codes.ts')).addCodes,
  },
  {
    name: 'demo',
    summary: 'Create a new key for the demo account',
    load: async () => (await import('./demo.ts')).addDemo,
  },
  {
    name: 'audit',
    summary: 'Check the books, leases and stock of the live system',
    load: async () => (await import('./audit.ts')).addAudit,
  },
  {
    name: 'archive',
    summary: 'Move old months of orders into files, and bring them back',
    load: async () => (await import('./archive.ts')).addArchive,
  },
  {
    name: 'backup',
    summary: 'Back up the embedded database while it runs',
    load: async () => (await import('./backup.ts')).addBackup,
  },
  {
    name: 'restore',
    summary: 'Restore a backup into a new data directory',
    load: async () => (await import('./restore.ts')).addRestore,
  },
  {
    name: 'epochs',
    summary: 'List the histories of the database, and begin one after a restored snapshot',
    load: async () => (await import('./epochs.ts')).addEpochs,
  },
  {
    name: 'log',
    summary: 'Show what operators did',
    load: async () => (await import('./log.ts')).addLog,
  },
]

/** Runs one command line to its end. @returns the exit code */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await (await programFor(args)).parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? done)
  } catch (error) {
    // Commander has printed the error, or the help that was requested.
    if (error instanceof CommanderError) return error.exitCode === 0 ? done : wrongUsage
    process.stderr.write(`${lineOf(error)}\n`)
    return failed
  }
}

/** The program with all of its commands. */
export function wholeProgram(): Promise<Command> {
  return programWith(() => true)
}

function programFor(args: readonly string[]): Promise<Command> {
  const wanted = args[0] === 'help' ? args[1] : args.find((arg) => !arg.startsWith('-'))
  return programWith((name) => name === wanted)
}

async function programWith(isWanted: (noun: string) => boolean): Promise<Command> {
  const program = new Command('numlet')
    .description('Operate a Numlet platform: customers, money, stock, orders and messages.')
    .exitOverride()
    .showHelpAfterError('(use --help for details)')
    .showSuggestionAfterError()
  for (const [heading, group] of [
    ['Run:', roles],
    ['Operate:', nouns],
  ] as const)
    for (const noun of group) {
      const command = program.command(noun.name).description(noun.summary).helpGroup(heading)
      if (isWanted(noun.name)) (await noun.load())(command)
    }
  return program
}

function role(name: string, summary: string): Noun {
  return { name, summary, load: async () => (await import('./roles.ts')).addRole }
}
