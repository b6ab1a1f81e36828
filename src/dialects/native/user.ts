// /v1/user: the person who is signed in.
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import { notSignedIn } from '../../core/people/sessions.ts'
import { findPerson, personOf } from '../../http/guards.ts'
import { forPerson, withFactor } from './for-person.ts'
import * as forms from './session-schemas.ts'
import { fromOf, listedAnswer, userAnswer } from './session-wire.ts'

const userAnswers = {
  200: { description: 'The user.', examples: [{ summary: 'A user', value: forms.exampleUser }] },
}

const getUserRoute = {
  config: forPerson({ answers: userAnswers, failures: ['second_factor_required'] }),
  schema: {
    operationId: 'getUser',
    tags: ['User'],
    summary: 'Get the user',
    description: 'Returns who is signed in.',
    response: { 200: forms.user },
  },
}

const changeUserRoute = {
  config: forPerson({
    answers: userAnswers,
    failures: ['second_factor_required'],
    requests: [{ summary: 'Dark pages', value: { theme: 'dark' } }],
  }),
  schema: {
    operationId: 'changeUser',
    tags: ['User'],
    summary: 'Update the user',
    description: 'Changes the name, the language or the theme. What is left out stays.',
    body: forms.userChange,
    response: { 200: forms.user },
  },
}

const notificationAnswers = {
  200: {
    description: 'What the user gets mails about.',
    examples: [{ summary: 'Notifications', value: forms.exampleNotifications }],
  },
}

const getNotificationsRoute = {
  config: forPerson({ answers: notificationAnswers, failures: ['second_factor_required'] }),
  schema: {
    operationId: 'getNotifications',
    tags: ['User'],
    summary: 'Get the notifications',
    description: 'Which mails about their accounts the user gets. All are on until switched off.',
    response: { 200: forms.notifications },
  },
}

const changeNotificationsRoute = {
  config: forPerson({
    answers: notificationAnswers,
    failures: ['second_factor_required'],
    requests: [{ summary: 'No mails about deposits', value: { deposit_credited: false } }],
  }),
  schema: {
    operationId: 'changeNotifications',
    tags: ['User'],
    summary: 'Update the notifications',
    description:
      'Switches mails about accounts on and off. What is left out stays. Mails about the security of the ' +
      'user are always sent.',
    body: forms.notificationsChange,
    response: { 200: forms.notifications },
  },
}

const changePasswordRoute = {
  config: withFactor({
    answers: { 204: { description: 'The password is changed.', examples: [] } },
    failures: ['wrong_credentials', 'too_many_attempts', 'rate_limited', 'second_factor_required'],
    requests: [
      {
        summary: 'Another password',
        value: { current: 'nine grey herons by the lake', new: 'a quiet harbour in autumn' },
      },
    ],
  }),
  schema: {
    operationId: 'changePassword',
    tags: ['User'],
    summary: 'Change the password',
    description:
      'All other sessions of the user end. `current` is left out only by users who have no password yet.',
    body: z.strictObject({ current: forms.password.optional(), new: forms.newPassword }),
    response: { 204: z.null() },
  },
}

const listSessionsRoute = {
  config: forPerson({
    answers: {
      200: {
        description: 'The sessions.',
        examples: [{ summary: 'One session', value: { data: [forms.exampleListed] } }],
      },
    },
    failures: ['second_factor_required'],
  }),
  schema: {
    operationId: 'listSessions',
    tags: ['User'],
    summary: 'List sessions',
    description: 'The sessions of the user that have not ended, the last used first; 200 at most.',
    response: { 200: z.object({ data: z.array(forms.listedSession) }) },
  },
}

const endSessionRoute = {
  config: forPerson({
    answers: { 204: { description: 'The session has ended.', examples: [] } },
    failures: ['not_found', 'second_factor_required'],
  }),
  schema: {
    operationId: 'endSession',
    tags: ['User'],
    summary: 'End a session',
    description:
      'Ends one of the user’s sessions, on every server at once. Repeating it changes nothing.',
    params: z.object({
      id: z
        .string()
        .max(100)
        .meta({ description: 'The session’s id.', examples: [forms.exampleListed.id] }),
    }),
    response: { 204: z.null() },
  },
}

const endOthersRoute = {
  config: forPerson({
    answers: {
      200: {
        description: 'How many sessions ended.',
        examples: [{ summary: 'Two sessions', value: { ended: 2 } }],
      },
    },
    failures: ['second_factor_required'],
  }),
  schema: {
    operationId: 'endOtherSessions',
    tags: ['User'],
    summary: 'End all other sessions',
    description: 'Ends all sessions of the user but the one of this request.',
    response: { 200: z.object({ ended: z.number().int() }) },
  },
}

export function userRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get('/user', getUserRoute, (request) => userAnswer(app, personOf(request)))

  scope.patch('/user', changeUserRoute, async (request) => {
    await app.people.change(personOf(request).user.id, request.body)
    const person = await findPerson(app, request)
    if (!person) throw notSignedIn()
    return userAnswer(app, person)
  })

  scope.get('/user/notifications', getNotificationsRoute, (request) =>
    app.people.notices(personOf(request).user.id),
  )

  scope.patch('/user/notifications', changeNotificationsRoute, (request) =>
    app.people.chooseNotices(personOf(request).user.id, request.body),
  )

  scope.post('/user/password', changePasswordRoute, async (request, reply) => {
    const { current, new: password } = request.body
    const wanted = { person: personOf(request), current: current ?? null, password }
    await app.people.changePassword(wanted, fromOf(app, request))
    return reply.code(204).send(null)
  })

  scope.get('/user/sessions', listSessionsRoute, async (request) => {
    const person = personOf(request)
    const sessions = await app.people.sessions(person.user.id)
    return { data: sessions.map((one) => listedAnswer(app, person, one)) }
  })

  scope.delete('/user/sessions/:id', endSessionRoute, async (request, reply) => {
    const id = app.ids.fromToken('ses', request.params.id)
    if (id === null) throw new DomainError('not_found', 'You have no such session.')
    await app.people.endSession(personOf(request).user.id, id)
    return reply.code(204).send(null)
  })

  scope.post('/user/sessions/end-others', endOthersRoute, async (request) => ({
    ended: await app.people.endOthers(personOf(request)),
  }))
}
