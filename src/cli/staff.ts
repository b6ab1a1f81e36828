// `numlet staff`: the operator's own people, and keys for /v1/admin.
import { type Command, Option } from 'commander'
import * as operating from '../core/operating/staff.ts'
import { type StaffRole, staffRoles } from '../core/people/person.ts'
import { staffScopes } from '../core/people/staff-keys.ts'
import { emailOf } from '../core/people/users.ts'
import * as read from './arguments.ts'
import { act, printThing, type Reasoned } from './output.ts'
import { withSession } from './session.ts'

export function addStaff(noun: Command): void {
  act(noun, 'create', 'Make a person one of the staff; repeating it changes the role')
    .requiredOption('--email <address>', 'E-mail address of the person')
    .addOption(
      new Option('--role <role>', 'What they may do').choices(staffRoles).default('support'),
    )
    .addHelpText(
      'after',
      '\nThey sign in by a link (numlet users sign-in-link), or set a password by mail.',
    )
    .action(create)
  const keys = noun.command('keys').description('Manage keys for /v1/admin')
  act(keys, 'create', 'Create a key for /v1/admin; the key is shown only now')
    .requiredOption('--scopes <scopes...>', `Scopes: ${staffScopes.join(', ')}`, read.words)
    .action(createKey)
}

function create(wanted: Reasoned & { email: string; role: StaffRole }) {
  return withSession(async ({ db, ids, by, now }) => {
    const { userId } = await operating.createStaff(db, now(), by(wanted.reason), wanted)
    printThing(wanted, {
      user_id: ids.toToken('usr', userId),
      email: emailOf(wanted.email),
      role: wanted.role,
    })
  })
}

function createKey(wanted: Reasoned & { scopes: string[] }) {
  return withSession(async ({ db, by, now }) => {
    const { key } = await operating.createKeyOfStaff(db, now(), by(wanted.reason), wanted.scopes)
    printThing(wanted, { key, scopes: wanted.scopes })
  })
}
