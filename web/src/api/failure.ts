// What went wrong with a request: the server's own words (RFC 9457), or that it could not be reached.

export type FieldFault = { readonly pointer: string; readonly detail: string }

type Problem = {
  readonly code?: string
  readonly title?: string
  readonly detail?: string
  readonly errors?: readonly FieldFault[]
  readonly request_id?: string
}

/** A request that was refused or that got no answer. */
export class Failure extends Error {
  /** 0 if there was no answer. */
  readonly status: number
  /** The API's own code, such as `out_of_stock`. */
  readonly code: string
  readonly fields: readonly FieldFault[]
  readonly requestId: string | null
  readonly retryAfterS: number | null

  constructor(status: number, problem: Problem, retryAfterS: number | null = null) {
    super(problem.detail ?? problem.title ?? '')
    this.name = 'Failure'
    this.status = status
    this.code = problem.code ?? (status === 0 ? 'unreachable' : 'unknown')
    this.fields = problem.errors ?? []
    this.requestId = problem.request_id ?? null
    this.retryAfterS = retryAfterS
  }

  /** Whether trying again later may help, without any change. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502
  }
}

export const isFailure = (error: unknown): error is Failure => error instanceof Failure

/** What a response that is no success says. */
export async function failureOf(response: Response): Promise<Failure> {
  const retryAfterS = Number(response.headers.get('retry-after')) || null
  const problem = (await response.json().catch(() => ({}))) as Problem
  return new Failure(response.status, problem, retryAfterS)
}

/** The server's word on a field, by its name: pointers are `name` or `/name`. */
export function faultOf(error: unknown, field: string): string | null {
  if (!isFailure(error)) return null
  const fault = error.fields.find(({ pointer }) => pointer.replace(/^[#/]+/, '') === field)
  return fault?.detail ?? null
}

/** Whether each fault stands beside one of these fields. */
export const areShownBeside = (error: unknown, fields: readonly string[]): boolean =>
  isFailure(error) &&
  error.fields.length > 0 &&
  error.fields.every(({ pointer }) => fields.includes(pointer.replace(/^[#/]+/, '')))
