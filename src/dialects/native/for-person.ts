// The frame of routes that only somebody who is signed in may call. A key opens none of them.
import type { FastifyContextConfig } from 'fastify'

type Reference = NonNullable<FastifyContextConfig['reference']>

/** For a session whose second factor was given, if the user has one. */
export const forPerson = (reference: Reference): FastifyContextConfig => ({
  scope: null,
  guard: 'session',
  reference,
})

/** The same, and the second factor was given in the last minutes. */
export const withFactor = (reference: Reference): FastifyContextConfig => ({
  ...forPerson(reference),
  recentSecondFactor: true,
})
