// What a route says about itself: its dialect's failures, its reference data, its traits.
import type { RouteOptions } from 'fastify'
import type { z } from 'zod'
import type { FailureCode } from '../failure.ts'
import { byStatus, failuresOf, type OperationTraits } from './failures.ts'
import type { AnswerReference, RouteReference } from './reference.ts'
import { sampleFailure } from './samples.ts'

export type RouteSchema = {
  hide?: boolean
  params?: z.ZodType
  querystring?: z.ZodType
  body?: z.ZodType
  response?: Record<string, z.ZodType>
}

export const typesOf = (answer?: AnswerReference) => answer?.contentTypes ?? ['application/json']

export const contentType = (route: RouteOptions, [code]: readonly FailureCode[]) =>
  formOf(route).write(sampleFailure(code as FailureCode), '').contentType

export function formOf(route: RouteOptions) {
  const { dialect } = route.config ?? {}
  if (!dialect) throw new Error(`${route.url} belongs to no dialect: hide it, or mount it in one`)
  return route.config?.failures ?? dialect.failures
}

export function referenceOf(route: RouteOptions): RouteReference {
  const { reference } = route.config ?? {}
  if (!reference) throw new Error(`${String(route.method)} ${route.url} has no reference`)
  return reference
}

export function traitsOf(route: RouteOptions): OperationTraits {
  const schema = (route.schema ?? {}) as RouteSchema
  const method = String(route.method).toLowerCase()
  const keyed = route.config?.scope !== null
  const guarded = route.config?.guard !== undefined
  const security = route.config?.dialect?.reference.security ?? 'key'
  return {
    method,
    keyed,
    guarded,
    takesSession: keyed && security === 'key' && route.config?.dialect?.takesSessions === true,
    open: !keyed && !guarded && security === 'key',
    hasParams: route.url.includes(':'),
    isValidated: schema.body !== undefined || schema.querystring !== undefined,
    once: keyed && (method === 'post' || referenceOf(route).once === true),
  }
}

type Statuses = ReturnType<typeof byStatus>

const statuses = new WeakMap<RouteOptions, Statuses>()

/** A route's failures by status. They are asked for once for each status. */
export function statusesOf(route: RouteOptions): Statuses {
  const there = statuses.get(route)
  if (there) return there
  const found = byStatus(
    failuresOf(traitsOf(route), referenceOf(route).failures ?? []),
    formOf(route),
  )
  statuses.set(route, found)
  return found
}
