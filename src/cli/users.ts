// `numlet users`: people who sign in to the dashboard.
import { text } from 'node:stream/consumers'
import { type Command, Option } from 'commander'
import * as operating from '../core/operating/people.ts'
import { linkUrl } from '../core/people/links.ts'
import { passwords } from '../core/people/password.ts'
import { assertAcceptable } from '../core/people/password-rules.ts'
import { type Role, roles } from '../core/people/person.ts'
import { renewTotpSecrets, totpSecrets } from '../core/people/totp-secrets.ts'
import { emailOf } from '../core/people/users.ts'
import * as read from './arguments.ts'
import { Refusal } from './failure.ts'
import { accountOf } from './ids.ts'
import { act, printThing, type Reasoned } from './output.ts'
import { rekeyAction } from './rekey.ts'
import { type Session, withSession } from './session.ts'

export function addUsers(noun: Command): void {
  act(noun, 'create', 'Create a user who belongs to an account')
    .requiredOption('--email <address>', 'E-mail address of the person')
    .requiredOption(
      '--account <account>',
      'The account: its id, number or e-mail address',
      read.account,
    )
    .addOption(
      new Option(
        '--role <role>',
        'What they may do; by default the first one is the owner, and others are members',
      ).choices(roles),
    )
    .option('--password-stdin', 'Read a password from standard input')
    .addHelpText(
      'after',
      '\nWithout a password the user signs in by a link (users sign-in-link), or sets one by mail.' +
        '\nA user who is there already joins the account; their password stays.',
    )
    .action(create)
  act(noun, 'sign-in-link', 'Make a link that signs a user in, once and within 15 minutes')
    .requiredOption('--email <address>', 'E-mail address of the user')
    .action(signInLink)
  act(
    noun,
    'remove-second-factor',
    'Remove the authenticator, passkeys and recovery codes of somebody who has lost them',
  )
    .requiredOption('--email <address>', 'E-mail address of the user')
    .addHelpText(
      'after',
      '\nMake sure who asks: the password is then all that is needed.' +
        '\nSessions end, and the user is told by mail.',
    )
    .action(removeSecondFactor)
  act(noun, 'rekey', 'Encrypt the secrets of authenticators with the first encryption key').action(
    rekeyAction('users.rekey', totpSecrets, renewTotpSecrets),
  )
}

type Creation = Reasoned & { email: string; account: string; role?: Role; passwordStdin?: true }

function create(wanted: Creation) {
  return withSession(async (session) => {
    const { db, ids, by, now } = session
    const accountId = await accountOf(session, wanted.account)
    const email = emailOf(wanted.email)
    const password = wanted.passwordStdin ? await readPassword(email) : null
    const made = await operating.createMember(db, now(), by(wanted.reason), {
      ...{ email, accountId, role: wanted.role ?? null, password },
    })
    printThing(wanted, {
      user_id: ids.toToken('usr', made.userId),
      email,
      account_id: ids.toToken('acc', accountId),
      role: made.role,
      created: made.created,
    })
  })
}

/** The password as it is stored. One line end after it does not belong to it. */
async function readPassword(email: string): Promise<string> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  assertAcceptable(password, email)
  return passwords().hash(password)
}

function signInLink(wanted: Reasoned & { email: string }) {
  return withSession(async (session) => {
    const { db, by, now } = session
    const link = await operating.makeSignInLink(db, now(), by(wanted.reason), wanted)
    printThing(wanted, {
      url: linkUrl(originFor(session), 'sign_in', link.token),
      expires_at: link.endsAt,
    })
  })
}

function removeSecondFactor(wanted: Reasoned & { email: string }) {
  return withSession(async (session) => {
    const { db, ids, by, now } = session
    const gone = await operating.removeSecondFactor(db, now(), by(wanted.reason), {
      ...{ email: wanted.email, origin: originFor(session) },
    })
    printThing(wanted, {
      ...{ user_id: ids.toToken('usr', gone.userId), email: wanted.email, removed: gone.removed },
    })
  })
}

/** Where the server is: its public URL, or the loopback address that it listens on by default. */
function originFor({ config }: Session): string {
  const { publicUrl, host, port } = config
  if (publicUrl !== null) return new URL(publicUrl).origin
  if (port === 0)
    throw new Refusal(
      'The port of the server is not known here. Set NUMLET_PUBLIC_URL, or PORT to that of the server.',
    )
  const isAnywhere = host === '0.0.0.0' || host === '::'
  return `http://${isAnywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`
}
