// The people of an account, for its owners, and invitations to it.
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import { needsSecondFactor, type Person } from '../../core/people/person.ts'
import { notSignedIn } from '../../core/people/sessions.ts'
import type { Invitation, Member } from '../../core/people/team.ts'
import { findPerson, personOf } from '../../http/guards.ts'
import { forPerson, withFactor } from './for-person.ts'
import * as schemas from './schemas.ts'
import * as forms from './session-schemas.ts'
import { assertMaySignIn, fromOf, giveSession, sessionAnswer } from './session-wire.ts'
import { askingOf } from './sign-up.ts'
import * as teams from './team-schemas.ts'

const teamRoute = {
  config: forPerson({
    answers: {
      200: { description: 'The team.', examples: [{ summary: 'Two', value: teams.exampleTeam }] },
    },
    failures: ['forbidden', 'account_suspended', 'second_factor_required'],
  }),
  schema: {
    operationId: 'getTeam',
    tags: ['Team'],
    summary: 'Get the team',
    description: 'The people of the account, and its open invitations.',
    response: { 200: teams.team },
  },
}

const inviteRoute = {
  config: withFactor({
    answers: {
      201: {
        description: 'The invitation. A mail with its link is on its way.',
        examples: [{ summary: 'An invitation', value: teams.exampleInvitation }],
      },
    },
    failures: [
      ...(['forbidden', 'account_suspended', 'second_factor_required'] as const),
      ...(['too_many_attempts', 'public_url_missing', 'insecure_connection'] as const),
    ],
    requests: [{ summary: 'A member', value: { email: 'lee@example.com', role: 'member' } }],
  }),
  schema: {
    operationId: 'createInvitation',
    tags: ['Team'],
    summary: 'Create an invitation',
    description: 'Mails a link that is valid for 7 days. Repeating it replaces the invitation.',
    body: z.strictObject({ email: forms.email, role: teams.role }),
    response: { 201: teams.invitation },
  },
}

const revokeRoute = {
  config: withFactor({
    answers: { 204: { description: 'The link is valid no more.', examples: [] } },
    failures: ['not_found', 'forbidden', 'account_suspended', 'second_factor_required'],
  }),
  schema: {
    operationId: 'deleteInvitation',
    tags: ['Team'],
    summary: 'Delete an invitation',
    description: 'Takes back an invitation that nobody has accepted.',
    params: z.object({ id: teams.id('The invitation’s id.', teams.exampleInvitation.id) }),
    response: { 204: z.null() },
  },
}

const changeRoleRoute = {
  config: withFactor({
    answers: { 204: { description: 'The role is changed.', examples: [] } },
    failures: [
      ...(['not_found', 'last_owner', 'forbidden'] as const),
      ...(['account_suspended', 'second_factor_required'] as const),
    ],
    requests: [{ summary: 'Another owner', value: { role: 'owner' } }],
  }),
  schema: {
    operationId: 'changeRole',
    tags: ['Team'],
    summary: 'Update a member',
    description: 'Changes a role. It counts from the next request of that person.',
    params: z.object({ user: teams.id('The user’s id.', forms.exampleUser.id) }),
    body: z.strictObject({ role: teams.role }),
    response: { 204: z.null() },
  },
}

const removeRoute = {
  config: withFactor({
    answers: { 204: { description: 'The person belongs to the account no more.', examples: [] } },
    failures: [
      ...(['not_found', 'last_owner', 'forbidden'] as const),
      ...(['account_suspended', 'second_factor_required'] as const),
    ],
  }),
  schema: {
    operationId: 'removeMember',
    tags: ['Team'],
    summary: 'Remove a member',
    description:
      'Owners remove anybody, others themselves. The person’s sessions lose the account at once. API keys ' +
      'are the account’s and stay.',
    params: z.object({ user: teams.id('The user’s id.', forms.exampleUser.id) }),
    response: { 204: z.null() },
  },
}

const readInvitationRoute = {
  config: {
    scope: null,
    reference: {
      answers: {
        200: {
          description: 'The invitation. It can still be accepted.',
          examples: [{ summary: 'To be a member', value: teams.exampleReadInvitation }],
        },
      },
      failures: ['link_not_valid', 'rate_limited'],
      requests: [{ summary: 'The token of a link', value: { token: forms.exampleToken } }],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'readInvitation',
    tags: ['Team'],
    summary: 'Get an invitation',
    description: 'Returns who invites to which account, as what, for whoever has the token.',
    body: z.strictObject({ token: forms.token }),
    response: { 200: teams.readInvitation },
  },
}

const acceptRoute = {
  config: {
    scope: null,
    reference: {
      answers: {
        201: {
          description:
            'The session, which acts in the account. If it has just begun, its cookie is in the header ' +
            '`Set-Cookie`.',
          examples: [{ summary: 'A session', value: forms.exampleSession }],
        },
      },
      failures: [
        ...(['link_not_valid', 'not_signed_in', 'wrong_credentials'] as const),
        ...(['second_factor_required', 'too_many_attempts', 'rate_limited'] as const),
        ...(['account_suspended', 'insecure_connection', 'origin_refused'] as const),
      ],
      requests: [
        {
          summary: 'A new user',
          value: {
            ...{ token: forms.exampleToken, name: 'Lee' },
            password: 'nine grey herons by the lake',
          },
        },
        { summary: 'Somebody who is signed in', value: { token: forms.exampleToken } },
      ],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'acceptInvitation',
    tags: ['Team'],
    summary: 'Accept an invitation',
    description:
      'For an address without a user, creates one with the name and the password. A user who is there is ' +
      'signed in as such, or gives their password: the token alone signs in nobody.',
    body: z.strictObject({
      token: forms.token,
      name: schemas.line(200).optional(),
      password: forms.password.optional(),
    }),
    response: { 201: forms.session },
  },
}

export function teamRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get('/team', teamRoute, async (request) => {
    const { members, invitations } = await app.team.read(personOf(request))
    return {
      members: members.map((one) => memberAnswer(app, one)),
      invitations: invitations.map(invitationAnswer),
    }
  })

  scope.post('/team/invitations', inviteRoute, async (request, reply) => {
    const { email, role } = request.body
    const from = askingOf(app, request)
    const invitation = await app.team.invite(personOf(request), { email, role, from })
    return reply.code(201).send(invitationAnswer(invitation))
  })

  scope.delete('/team/invitations/:id', revokeRoute, async (request, reply) => {
    await app.team.revokeInvitation(personOf(request), request.params.id)
    return reply.code(204).send(null)
  })

  scope.patch('/team/:user', changeRoleRoute, async (request, reply) => {
    const userId = userIdOf(app, request.params.user)
    await app.team.changeRole(personOf(request), { userId, role: request.body.role })
    return reply.code(204).send(null)
  })

  scope.delete('/team/:user', removeRoute, async (request, reply) => {
    await app.team.remove(personOf(request), userIdOf(app, request.params.user))
    return reply.code(204).send(null)
  })

  scope.post('/invitations/read', readInvitationRoute, async (request) => {
    const one = await app.team.readInvitation(request.body.token)
    return {
      account: one.account,
      email: one.email,
      role: one.role,
      invited_by: one.invitedBy,
      has_user: one.hasUser,
      expires_at: one.endsAt.toISOString(),
    }
  })

  scope.post('/invitations/accept', acceptRoute, async (request, reply) => {
    assertMaySignIn(app, request)
    const person = await completePerson(app, request)
    const wanted = { ...request.body, person, from: fromOf(app, request) }
    const begun = await app.team.accept(wanted)
    if (begun) return giveSession(app, request, reply, begun)
    const current = await findPerson(app, request)
    if (!current) throw notSignedIn()
    return reply.code(201).send(await sessionAnswer(app, request, current))
  })
}

/** Who is signed in, if they have given all that they must. @throws origin_refused */
async function completePerson(app: App, request: FastifyRequest): Promise<Person | null> {
  const person = await findPerson(app, request).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === 'not_signed_in') return null
    throw error
  })
  return person && !needsSecondFactor(person) ? person : null
}

function userIdOf(app: App, text: string): number {
  const id = app.ids.fromToken('usr', text)
  if (id === null || id > 2n ** 31n - 1n)
    throw new DomainError('not_found', 'This person does not belong to the account.')
  return Number(id)
}

const memberAnswer = (app: App, one: Member) => ({
  user_id: app.ids.toToken('usr', one.userId),
  email: one.email,
  name: one.name,
  role: one.role,
  has_second_factor: one.hasSecondFactor,
  joined_at: one.joinedAt.toISOString(),
})

const invitationAnswer = (one: Invitation) => ({
  id: one.id,
  email: one.email,
  role: one.role,
  created_at: one.createdAt.toISOString(),
  expires_at: one.endsAt.toISOString(),
})
