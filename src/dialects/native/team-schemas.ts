// The schemas of the people of an account, and the reference's examples of them.
import { z } from 'zod'
import { roles } from '../../core/people/person.ts'
import { exampleUser } from './session-schemas.ts'
import type { Wire } from './wire.ts'

export const role = z.enum(roles).meta({
  description:
    '`owner`: the scopes `read`, `buy` and `manage`, and the team; `member`: `read` and `buy`.',
})

/** An id in a path. */
export const id = (description: string, example: string) =>
  z
    .string()
    .max(100)
    .meta({ description, examples: [example] })

const member = z
  .object({
    user_id: z.string(),
    email: z.string(),
    name: z.string(),
    role,
    has_second_factor: z.boolean(),
    joined_at: z.string(),
  })
  .meta({ id: 'TeamMember' })

export const invitation = z
  .object({
    id: z.string(),
    email: z.string(),
    role,
    created_at: z.string(),
    expires_at: z.string(),
  })
  .meta({ id: 'Invitation' })

export const readInvitation = z
  .object({
    account: z.string().meta({ description: 'The name of the account, or else its address.' }),
    email: z.string().meta({ description: 'Who is invited.' }),
    role,
    invited_by: z.string().nullable().meta({ description: 'The address of who invites.' }),
    has_user: z.boolean().meta({
      description: 'Whether there is a user with the address, who signs in to accept it.',
    }),
    expires_at: z.string(),
  })
  .meta({ id: 'ReadInvitation' })

export const team = z
  .object({ members: z.array(member), invitations: z.array(invitation) })
  .meta({ id: 'Team' })

export const exampleInvitation: Wire<typeof invitation> = {
  id: 'inv_4b1f0c9a7d2e8835c6a1f40b9e72d3',
  email: 'lee@example.com',
  role: 'member',
  created_at: '2026-11-20T09:30:00.000Z',
  expires_at: '2026-11-27T09:30:00.000Z',
}

export const exampleTeam: Wire<typeof team> = {
  members: [
    {
      user_id: exampleUser.id,
      email: 'kim@example.com',
      name: 'Kim',
      role: 'owner',
      has_second_factor: true,
      joined_at: '2026-11-02T08:00:00.000Z',
    },
  ],
  invitations: [exampleInvitation],
}

export const exampleReadInvitation: Wire<typeof readInvitation> = {
  account: 'QA',
  email: 'lee@example.com',
  role: 'member',
  invited_by: 'kim@example.com',
  has_user: false,
  expires_at: '2026-11-27T09:30:00.000Z',
}
